"""What a person sees and presses."""

import os

# Textual reads these as it is imported. They are for whoever writes programs with it: keys that
# press themselves, a log of all that is shown. An animated page down sends fifteen times as much.
for _name in [name for name in os.environ if name.startswith("TEXTUAL")]:
    del os.environ[_name]
os.environ["TEXTUAL_ANIMATIONS"] = "none"
