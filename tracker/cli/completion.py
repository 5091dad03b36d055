"""Completion for shells, generated from the parsers of the command line.

A Tab costs the shell some milliseconds; to ask the program each time would cost a start of Python.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping

from tracker import typed_verbs
from tracker.arguments import Parser

# The values an argument takes, by its placeholder in the usage.
_TASKS = frozenset({"ID", "IDS", "A", "B", "GATE", "TARGET"})
_FILES = frozenset({"FILE", "PATH"})


Calls = Mapping[str, Parser]


def script(shell: str, program: Parser, calls: Calls, helps: Mapping[str, str]) -> str:
    """Return the script that teaches a shell the program's options and its calls.

    `helps` has a sentence about each call.
    """
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](program, calls, helps)


def _kind(action: argparse.Action) -> str:
    """Return what an option or a place takes: words of its own, `tasks`, `files` or nothing."""
    if action.choices:
        return " ".join(map(str, action.choices))
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    return "<tasks>" if metavar in _TASKS else "<files>" if metavar in _FILES else ""


def _help(action: argparse.Action) -> str:
    return (action.help or "") % {}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _bash(program: Parser, calls: Calls, _helps: Mapping[str, str]) -> str:
    taking, options, places = [], [], []
    first = [word for action in program.options for word in action.option_strings]
    for action in program.options:
        if action.nargs != 0:
            pattern = "|".join(f":{word}" for word in action.option_strings)
            taking.append(f"    {pattern}) wanted={_quoted(_kind(action) or '-')} ;;")
    skipped = "|".join(w for a in program.options if a.nargs != 0 for w in a.option_strings)
    for name, parser in calls.items():
        names = [word for action in parser.options for word in action.option_strings]
        options.append(f"    {name}) options={_quoted(' '.join(names))} ;;")
        kinds = list(dict.fromkeys(filter(None, map(_kind, parser.places))))
        if words := typed_verbs.assigned(name):
            kinds.append(" ".join(words))
        if kinds:
            places.append(f"    {name}) wanted={_quoted(' '.join(kinds))} ;;")
        for action in parser.options:
            if action.nargs != 0:
                pattern = "|".join(f"{name}:{word}" for word in action.option_strings)
                taking.append(f"    {pattern}) wanted={_quoted(_kind(action) or '-')} ;;")
    return f"""\
# Completion of tracker for bash: eval "$(tracker completion bash)"
_tracker() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
  local verb= at=1 wanted= options= nospace=
  COMPREPLY=()
  while (( at < COMP_CWORD )); do
    case ${{COMP_WORDS[at]}} in
      {skipped}) (( at += 2 )) ;;
      -*) (( at++ )) ;;
      *) verb=${{COMP_WORDS[at]}}; break ;;
    esac
  done
  case $verb:$before in
{_lines(taking)}
  esac
  if [[ -z $wanted ]]; then
    case $verb in
{_lines(options)}
    *) options={_quoted(" ".join(first))} ;;
    esac
    if [[ $word == -* ]]; then
      COMPREPLY=($(compgen -W "$options" -- "$word")); return
    fi
    case $verb in
    '') wanted={_quoted(" ".join(calls) + " <files>")} ;;
{_lines(places)}
    esac
  fi
  local each
  for each in $wanted; do
    case $each in
      -) ;;
      '<tasks>') COMPREPLY+=($(compgen -W "$(tracker list 2>/dev/null | cut -f1)" -- "$word")) ;;
      '<files>') compopt -o filenames; COMPREPLY+=($(compgen -f -- "$word")) ;;
      *=) [[ $each == "$word"* ]] && {{ compopt -o nospace; COMPREPLY+=("$each"); }} ;;
      *) [[ $each == "$word"* ]] && COMPREPLY+=("$each") ;;
    esac
  done
}}
complete -F _tracker tracker
"""


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _zsh(program: Parser, calls: Calls, helps: Mapping[str, str]) -> str:
    first = " ".join(map(_zsh_option, program.options))
    described = [f"    {_quoted(name + ':' + _colonless(helps[name]))}" for name in calls]
    cases = []
    for name, parser in calls.items():
        specs = [_zsh_option(action) for action in parser.options]
        for at, action in enumerate(parser.places, 1):
            many = action.nargs in ("+", "*")
            # What repeats must stand alone as the rest; what sets fields has them there.
            place = "*" if many else str(at)
            optional = "::" if action.nargs == "?" else ":"
            hint = _colonless(str(action.metavar or action.dest))
            specs.append(_quoted(f"{place}{optional}{hint}:{_zsh_values(name, action)}"))
        cases.append(f"    {name}) _arguments -s {' '.join(specs)} ;;")
    return f"""\
#compdef tracker
# Completion of tracker for zsh: eval "$(tracker completion zsh)"
_tracker_tasks() {{
  local -a tasks
  local program='{{gsub(/:/, "\\\\:", $NF); print $1 ":" $NF}}'
  tasks=(${{(f)"$(tracker list 2>/dev/null | awk -F'\\t' $program)"}})
  _describe -V task tasks
}}
_tracker_calls() {{
  local -a calls
  calls=(
{_lines(described)}
  )
  _describe call calls
  _files -g '*.json'
}}
_tracker() {{
  local state line
  _arguments -C {first} '1: :_tracker_calls' '*:: :->rest'
  [[ $state == rest ]] || return
  case $line[1] in
{_lines(cases)}
  esac
}}
compdef _tracker tracker
"""


def _zsh_option(action: argparse.Action) -> str:
    help = _colonless(_help(action)).replace("[", "(").replace("]", ")")
    value = "" if action.nargs == 0 else f":{_colonless(action.dest)}:{_zsh_values('', action)}"
    names = action.option_strings
    if len(names) == 1:
        return _quoted(f"{names[0]}[{help}]{value}")
    return f"{{{','.join(names)}}}" + _quoted(f"[{help}]{value}")


def _zsh_values(name: str, action: argparse.Action) -> str:
    if action.nargs in ("+", "*") and (words := typed_verbs.assigned(name)):
        return f"(({' '.join(words)}))"
    kind = _kind(action)
    return {"<tasks>": "_tracker_tasks", "<files>": "_files", "": ""}.get(kind, f"({kind})")


def _colonless(text: str) -> str:
    return text.replace(":", "\\:").replace("\n", " ")


def _fish(program: Parser, calls: Calls, helps: Mapping[str, str]) -> str:
    first = f"complete -c tracker -n 'not __fish_seen_subcommand_from {' '.join(calls)}'"
    lines = [
        "# Completion of tracker for fish: tracker completion fish | source",
        "function __tracker_tasks",
        "    tracker list 2>/dev/null | awk -F'\\t' '{print $1 \"\\t\" $NF}'",
        "end",
        "complete -c tracker -f",
        f"{first} -k -a '(__fish_complete_suffix .json)'",
        *(f"{first} {_fish_option(action)}" for action in program.options),
    ]
    for name, parser in calls.items():
        seen = f"-n '__fish_seen_subcommand_from {name}'"
        lines.append(f"{first} -a {name} -d {_quoted(helps[name])}")
        lines += [
            f"complete -c tracker {seen} {_fish_values(kind)}"
            for kind in dict.fromkeys(filter(None, map(_kind, parser.places)))
        ]
        if words := typed_verbs.assigned(name):
            lines.append(f"complete -c tracker {seen} -a {_quoted(' '.join(words))}")
        lines += [f"complete -c tracker {seen} {_fish_option(action)}" for action in parser.options]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _fish_option(action: argparse.Action) -> str:
    names = " ".join(
        f"-l {word[2:]}" if word.startswith("--") else f"-s {word[1:]}"
        for word in action.option_strings
    )
    kind = _kind(action)
    value = "" if action.nargs == 0 else f" {'-r' if kind == '<files>' else '-x'}"
    return f"{names} -d {_quoted(_help(action))}{value} {_fish_values(kind)}"


def _fish_values(kind: str) -> str:
    return {
        "<tasks>": "-a '(__tracker_tasks)'",
        "<files>": "-F",
        "": "",
    }.get(kind, f"-a {_quoted(kind)}")
