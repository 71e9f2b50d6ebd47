/* The household page: what fupin.js does not know. A member who leaves is asked why, rows copied from Excel are read by the
   names and aliases of the code tables, and the server is asked whether an ID number is taken. */
(function () {
  'use strict';
  var $ = function (s, r) { return (r || document).querySelector(s); };
  var $$ = function (s, r) { return Array.prototype.slice.call((r || document).querySelectorAll(s)); };
  var table = $('table[data-rows]'); if (!table) return;
  var paste = JSON.parse($('#d-paste').textContent);
  var rows = function () { return $$('[data-row]', table); };
  var cell = function (row, name) { return $('[name$="-' + name + '"]', row); };

  /* A new row takes over the 民族 of the one above, where everybody sees it. */
  document.addEventListener('fupin:rows', function () {
    var row = rows().pop(), above = row && row.previousElementSibling, from = above && cell(above, 'ethnic'), to = row && cell(row, 'ethnic');
    if (from && to && !to.value) to.value = from.value;
    fold(); count();
  });

  /* What is folded away is no stop for Enter. */
  function fold() { $$('details', table).concat($$('details[data-fold]')).forEach(function (d) { d.lastElementChild.hidden = !d.open; }); }
  document.addEventListener('toggle', fold, true);

  function count() { $$('[data-rowcount]').forEach(function (k) { k.textContent = rows().length; }); net(); }

  /* 纯收入 and per head, live */
  function value(name) { var i = $('[name="i-' + name + '"]'); return i && i.value.trim() ? +i.value.replace(/[,，\s元]/g, '') || 0 : null; }
  function net() {
    var box = $('[data-netbox]'); if (!box) return;
    var parts = ['wage', 'operating', 'property', 'transfer'].map(value).filter(function (v) { return v !== null; });
    var stated = value('stated_net');
    box.hidden = !parts.length && stated === null;
    var sum = parts.length ? parts.reduce(function (a, b) { return a + b; }, 0) - (value('expense') || 0) : stated || 0, people = rows().length;
    $('[data-netout]').textContent = sum.toLocaleString();
    $('[data-perhead]').textContent = people ? (Math.round(sum / people * 100) / 100).toLocaleString() : '—';
  }
  /* The lines of one category: their sum is the total, as long as nobody typed another one */
  function amount(field) { var t = field.value.normalize('NFKC').replace(/[,，\s元]/g, ''); return t === '' || isNaN(+t) ? null : +t; }
  function sumLines(box, typing) {
    var amounts = $$('[data-line]', box).map(amount).filter(function (v) { return v !== null; });
    var sum = Math.round(amounts.reduce(function (a, b) { return a + b; }, 0) * 100) / 100;
    var total = $('[name="i-' + box.dataset.lines + '"]');
    $('[data-linesum]', box).hidden = !amounts.length;
    $('[data-linesumout]', box).textContent = sum.toLocaleString();
    if (typing && amounts.length && total) total.value = String(sum);
  }
  document.addEventListener('input', function (e) {
    var box = e.target.closest('[data-lines]'); if (box) sumLines(box, e.target.matches('[data-line]'));
    if (e.target.closest('[data-net]')) net();
  });

  /* Somebody leaves: never deleted, so ask why and when */
  document.addEventListener('click', function (e) {
    var b = e.target.closest('[data-leave]'); if (!b) return;
    var row = b.closest('[data-row]'); $('details', row).open = true; fold();
    cell(row, 'left_event').focus();
  });

  /* Rows copied from Excel */
  function put(row, name, text) {
    var field = cell(row, name); if (!field) return;
    text = text.trim();
    if (field.tagName === 'SELECT') {
      var plain = text.replace(/\s/g, ''), table = paste.labels[name] || {};
      var wanted = table[plain];
      if (name === 'health' && !wanted) wanted = plain.split(/[、,，;；]/).map(function (w) { return table[w]; }).filter(Boolean).sort().join(',');
      if (!wanted) { var o = Array.prototype.filter.call(field.options, function (x) { return x.text === plain; })[0]; wanted = o && o.value; }
      if (wanted) field.value = wanted;
    } else { field.value = text; }
    field.dispatchEvent(new Event('input', { bubbles: true })); field.dispatchEvent(new Event('change', { bubbles: true }));
  }
  document.addEventListener('paste', function (e) {
    var t = e.target; if (!t.name || !/-name$/.test(t.name) || !t.closest('[data-row]')) return;
    var text = (e.clipboardData || {}).getData ? e.clipboardData.getData('text') : '';
    if (!/[\t\n]/.test(text.trim())) return;
    e.preventDefault(); e.stopPropagation();
    var lines = text.replace(/\r/g, '').split('\n').filter(function (l) { return l.trim(); });
    var row = t.closest('[data-row]');
    lines.forEach(function (line, i) {
      if (i) {
        var next = row.nextElementSibling;
        if (!next || !next.matches('[data-row]') || cell(next, 'name').value) { $('[data-addrow]').click(); next = rows().pop(); }
        row = next;
      }
      line.split('\t').forEach(function (text, column) { if (paste.order[column]) put(row, paste.order[column], text); });
    });
    cell(row, 'name').focus();
  }, true);

  /* Is the number taken? Asked when the cell is left; the number travels in the body. */
  document.addEventListener('focusout', function (e) {
    var t = e.target; if (!t.matches || !t.matches('[data-id18]') || t.value.indexOf('*') >= 0) return;
    if (!window.fupin || !window.fupin.checkId(t.value).birth || t.dataset.asked === t.value) return;
    t.dataset.asked = t.value;
    var body = new URLSearchParams({ id_number: t.value, household: table.dataset.household || '' });
    fetch(table.dataset.idcheck, { method: 'POST', body: body, headers: { 'X-CSRFToken': $('[name=csrfmiddlewaretoken]').value } })
      .then(function (r) { return r.ok ? r.text() : ''; })
      .then(function (html) { if (html && t.dataset.asked === t.value) $('[data-idmsg]', t.parentNode).innerHTML = html; })
      .catch(function () { /* the check comes again on saving */ });
  });

  fold(); net(); $$('[data-lines]').forEach(function (box) { sumLines(box, false); });
})();
