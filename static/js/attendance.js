/* The month sheet (table[data-month]). Cells are inputs: arrows and Enter walk, a digit 1 to 7 becomes its sign and goes on to
   the right, space clears. Pasted cells fill to the right and down. Without this script the digits are turned by the server. */
(function () {
  'use strict';
  const table = document.querySelector('[data-month]');
  if (!table) return;
  const SIGNS = { 1: '√', 2: '△', 3: '○', 4: '×', 5: '培', 6: '休', 7: '节' };
  const isDay = (e) => e.target && e.target.matches && e.target.matches('td.day input[name^="d-"]');
  const inputs = (row) => Array.from(row.querySelectorAll('td.day input'));
  function near(input, down, right) {
    const rows = Array.from(table.tBodies[0].rows).filter((row) => row.querySelector('td.day input'));
    const cell = input.closest('td'), row = rows[rows.indexOf(cell.parentNode) + down];
    if (!row) return null;
    if (!down) { const own = inputs(row); return own[own.indexOf(input) + right] || null; }
    const td = row.cells[cell.cellIndex];
    return td ? td.querySelector('input') : null;
  }
  const go = (input) => { if (input) { input.focus(); input.select(); } return Boolean(input); };
  table.addEventListener('focusin', (e) => { if (e.target.matches('input:not([type=checkbox])')) e.target.select(); });
  table.addEventListener('keydown', (e) => {
    if (!isDay(e) || e.isComposing || e.keyCode === 229 || e.ctrlKey || e.metaKey || e.altKey) return;
    const input = e.target;
    if (SIGNS[e.key]) { e.preventDefault(); input.value = SIGNS[e.key]; go(near(input, 0, 1)); return; }
    if (e.key === ' ' || e.key === '0') { e.preventDefault(); input.value = ''; go(near(input, 0, 1)); return; }
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Enter: [e.shiftKey ? -1 : 1, 0] }[e.key];
    if (step) { e.preventDefault(); go(near(input, step[0], step[1])); }
  });
  table.addEventListener('paste', (e) => {
    const text = e.clipboardData ? e.clipboardData.getData('text/plain').replace(/\r/g, '').replace(/\n$/, '') : '';
    if (!isDay(e) || !/[\n\t]/.test(text)) return;
    e.preventDefault();
    let start = e.target;
    text.split('\n').forEach((line) => {
      let cell = start;
      line.split('\t').forEach((value) => { if (cell) { cell.value = value.trim().slice(0, 4); cell = near(cell, 0, 1); } });
      start = start && near(start, 1, 0);
    });
  });
})();
