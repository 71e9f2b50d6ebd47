/* The grid of an import (table[data-grid] in #check). Cells are inputs; the keys are those of a spreadsheet: arrows walk, typing
   replaces, F2 or a double click edits, Enter goes down, Tab right, Esc takes back. A changed cell is sent at once, one
   request at a time; what is typed meanwhile stays in its cell when the answer comes. Pasted lines fill the cells below. */
(function () {
  'use strict';
  const $ = (s, r) => (r || document).querySelector(s);
  const $$ = (s, r) => Array.from((r || document).querySelectorAll(s));
  const cellOf = (e) => (e.target && e.target.matches && e.target.matches('[data-grid] td.cell input') ? e.target : null);
  const queue = new Map(); /* name of the input: its text */
  let sending = null, editing = null;

  function rows() { return $$('[data-grid] tbody tr'); }
  function near(input, down, right) {
    const td = input.closest('td'), tr = td.parentNode, all = rows();
    const row = all[all.indexOf(tr) + down];
    if (!row) return null;
    const own = $$('td.cell input', tr), at = own.indexOf(input) + right;
    return $$('td.cell input', row)[at] || null;
  }
  function go(input) { if (!input) return false; input.focus(); input.select(); editing = null; input.scrollIntoView({ block: 'nearest', inline: 'nearest' }); return true; }
  const kept = (input) => (input.dataset.kept !== undefined ? input.dataset.kept : input.defaultValue);

  function changed(input) {
    if (input.readOnly || input.value === kept(input)) { queue.delete(input.name); input.classList.remove('is-sent'); return; }
    queue.set(input.name, input.value);
    input.classList.add('is-sent');
  }
  function send() {
    const form = $('#grid');
    if (sending || !queue.size || !form || !window.htmx) return;
    sending = new Map(queue); queue.clear();
    const values = {};
    $$('input[type=hidden]', form).forEach((i) => { values[i.name] = i.value; });
    sending.forEach((text, name) => { values[name] = text; });
    values.action = 'save';
    window.htmx.ajax('POST', form.getAttribute('action'), { source: '#grid-send', target: '#check', swap: 'outerHTML', values: values });
  }
  document.addEventListener('focusin', (e) => { const input = cellOf(e); if (input) { editing = null; input.select(); } });
  document.addEventListener('dblclick', (e) => { const input = cellOf(e); if (input) editing = input; });
  document.addEventListener('input', (e) => { const input = cellOf(e); if (input && !editing) editing = input.value.length > 1 ? input : editing; });
  document.addEventListener('change', (e) => { const input = cellOf(e); if (input) { changed(input); send(); } });
  document.addEventListener('keydown', (e) => {
    const input = cellOf(e);
    if (!input || e.isComposing || e.keyCode === 229 || e.ctrlKey || e.metaKey || e.altKey) return;
    const end = input.value.length, key = e.key;
    if (key === 'F2') { e.preventDefault(); editing = input; input.setSelectionRange(end, end); return; }
    if (key === 'Escape') { e.preventDefault(); input.value = kept(input); queue.delete(input.name); input.classList.remove('is-sent'); editing = null; input.select(); return; }
    if (key === 'Enter') { e.preventDefault(); if (!go(near(input, e.shiftKey ? -1 : 1, 0))) { changed(input); send(); input.select(); editing = null; } return; }
    if (key === 'ArrowDown' || key === 'ArrowUp') { if (go(near(input, key === 'ArrowDown' ? 1 : -1, 0))) e.preventDefault(); return; }
    if ((key === 'ArrowRight' || key === 'ArrowLeft') && editing !== input) { if (go(near(input, 0, key === 'ArrowRight' ? 1 : -1))) e.preventDefault(); }
  });
  document.addEventListener('paste', (e) => {
    const input = cellOf(e), text = e.clipboardData ? e.clipboardData.getData('text/plain').replace(/\r/g, '').replace(/\n$/, '') : '';
    if (!input || !/[\n\t]/.test(text)) return;
    e.preventDefault();
    const lines = text.split('\n');
    let filled = 0;
    lines.forEach((line, down) => line.split('\t').forEach((value, right) => {
      const target = near(input, down, right);
      if (target && !target.readOnly) { target.value = value.trim(); changed(target); if (!right) filled += 1; }
    }));
    send();
    if (window.fupin) window.fupin.toast(filled < lines.length ? '粘贴了 ' + filled + ' 行，其余 ' + (lines.length - filled) + ' 行不在本页' : '粘贴了 ' + filled + ' 行');
  });

  /* what is typed and not yet sent outlives a swap of the grid */
  let typed = null;
  document.addEventListener('htmx:beforeSwap', (e) => {
    if (e.detail.target && e.detail.target.id === 'check' && e.detail.shouldSwap) {
      typed = new Map($$('[data-grid] td.cell input').filter((i) => i.value !== kept(i) && !(sending && sending.get(i.name) === i.value)).map((i) => [i.name, i.value]));
    }
  });
  document.addEventListener('htmx:afterSwap', () => {
    if (!typed) return;
    typed.forEach((text, name) => { const input = document.getElementsByName(name)[0]; if (input) { input.value = text; if (document.activeElement !== input) changed(input); } });
    typed = null;
  });
  document.addEventListener('htmx:afterRequest', (e) => {
    const by = e.detail.requestConfig && e.detail.requestConfig.elt; /* e.detail.elt is gone with the swap */
    if (!sending || !by || by.id !== 'grid-send') return;
    const stale = e.detail.xhr && e.detail.xhr.status === 422;
    if (!e.detail.xhr || !(e.detail.xhr.status < 500 && e.detail.xhr.status)) { sending.forEach((text, name) => { if (!queue.has(name)) queue.set(name, text); }); sending = null; return; }
    sending = null;
    if (!stale) setTimeout(send, 0);
  });
  document.addEventListener('submit', (e) => {
    if (e.target.id === 'grid') queue.clear();
    else if (e.target.matches('.fp-savebar') && (queue.size || sending)) { e.preventDefault(); e.stopPropagation(); send(); if (window.fupin) window.fupin.toast('刚改的格正在检查，请看一眼结果再提交'); }
  }, true);
})();
