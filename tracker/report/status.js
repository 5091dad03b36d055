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
  cards.forEach(function (card) {
    card.setAttribute("tabindex", "0");
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
    board.style.minWidth = board.style.maxWidth = "0";
    board.style.maxWidth = "none";
    board.style.width = wide + "px";
  });
}());
