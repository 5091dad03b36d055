(function () {
  var board = document.querySelector("svg.board");
  if (!board) return;
  var lines = board.querySelectorAll("[data-from]");
  var cards = board.querySelectorAll(".card");
  function light(task) {
    var near = {};
    near[task] = true;
    lines.forEach(function (line) {
      var own = line.dataset.from === task || line.dataset.to === task;
      line.classList.toggle("near", own);
      if (own) near[line.dataset.from] = near[line.dataset.to] = true;
    });
    cards.forEach(function (card) {
      card.classList.toggle("near", Boolean(near[card.dataset.task]));
    });
    board.classList.toggle("lit", task !== "");
  }
  function reach(at, move) {
    cards.forEach(function (card, other) {
      card.setAttribute("tabindex", other === at ? "0" : "-1");
    });
    if (move) cards[at].focus();
  }
  // One stop for all cards: arrow keys lead from one to the next.
  reach(0, false);
  cards.forEach(function (card, at) {
    card.addEventListener("keydown", function (event) {
      var step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      reach((at + step + cards.length) % cards.length, true);
    });
    ["mouseenter", "focus"].forEach(function (name) {
      card.addEventListener(name, function () { light(card.dataset.task); });
    });
    ["mouseleave", "blur"].forEach(function (name) {
      card.addEventListener(name, function () { light(""); });
    });
  });
  var own = board.viewBox.baseVal.width;
  var zoom = document.querySelector(".zoom");
  zoom.hidden = false;
  zoom.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button) return;
    var by = button.dataset.zoom;
    var now = board.getBoundingClientRect().width / own;
    var wide = by === "fit" ? board.parentElement.clientWidth
      : own * Math.min(Math.max(by === "+" ? now * 1.25 : now / 1.25, 0.1), 4);
    board.style.minWidth = "0";
    board.style.maxWidth = "none";
    board.style.width = wide + "px";
  });
}());
