/* 大屏：每隔 data-seconds 秒翻一屏；空格暂停，左右键翻屏。转完一圈且页面已开 data-reload-minutes 分钟，就重新取数。 */
(function () {
  'use strict';
  var root = document.getElementById('screen'), slides = root.querySelectorAll('.slide'), at = 0, paused = false, since = Date.now();
  if (!slides.length) return;
  root.classList.add('turning');
  function show(n) {
    slides[at].classList.remove('here');
    at = (n + slides.length) % slides.length;
    slides[at].classList.add('here');
  }
  function next() {
    if (paused) return;
    if (at === slides.length - 1 && Date.now() - since > root.dataset.reloadMinutes * 60000) return location.reload();
    show(at + 1);
  }
  var timer = setInterval(next, root.dataset.seconds * 1000);
  document.addEventListener('keydown', function (e) {
    var turn = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[e.key];
    if (e.key === ' ') { paused = !paused; e.preventDefault(); }
    if (!turn) return;
    show(at + turn); clearInterval(timer); timer = setInterval(next, root.dataset.seconds * 1000);
  });
  show(0);
})();
