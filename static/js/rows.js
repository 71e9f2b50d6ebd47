/* 表单里的行：data-more="前缀" 的按钮复制 template[data-blank] 里的空行；没有脚本时按钮照常提交，由服务器加行。 */
(function () {
  'use strict';
  function add(prefix) {
    var body = document.querySelector('[data-rowset="' + prefix + '"]');
    var blank = document.querySelector('template[data-blank="' + prefix + '"]');
    var total = document.getElementById('id_' + prefix + '-TOTAL_FORMS');
    if (!body || !blank || !total) return false;
    var box = document.createElement('tbody');
    box.innerHTML = blank.innerHTML.replace(/__prefix__/g, total.value);
    var row = box.firstElementChild;
    body.appendChild(row);
    total.value = +total.value + 1;
    row.querySelector('.rowno').insertAdjacentText('afterbegin', body.children.length);
    var first = row.querySelector('input:not([type=hidden]),select');
    if (first) first.focus();
    return true;
  }
  document.addEventListener('click', function (e) {
    var b = e.target.closest ? e.target.closest('[data-more]') : null;
    if (b && add(b.dataset.more)) e.preventDefault();
  });
  document.addEventListener('keydown', function (e) {
    if (!e.altKey || e.key.toLowerCase() !== 'n') return;
    var body = e.target.closest ? e.target.closest('[data-rowset]') : null;
    body = body || document.querySelector('[data-rowset]');
    if (body && add(body.dataset.rowset)) e.preventDefault();
  });
})();
