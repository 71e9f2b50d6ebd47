/* A form that sends itself again after data-again seconds, once: the server was busy. */
(function () {
  'use strict';
  const form = document.querySelector('form[data-again]');
  if (!form) return;
  let sent = false;
  form.addEventListener('submit', function (e) { if (sent) e.preventDefault(); sent = true; });
  setTimeout(function () { form.requestSubmit(); }, form.dataset.again * 1000);
}());
