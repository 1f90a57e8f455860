// Filters, search and keys. The page is whole without it; with it, the tools appear.
(() => {
  'use strict';
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const steps = all('.step').map((element) => ({
    element,
    id: element.id,
    summary: element.querySelector('summary'),
    sought: element.dataset.sought.toLowerCase(),
    verdict: element.dataset.verdict,
    also: element.dataset.also.split(' '),
    elsewhere: all(`[data-of="${element.id.slice(5)}"]`),
  }));
  const byId = new Map(steps.map((step) => [step.id, step]));
  const filters = all('.filter');
  const find = one('find');
  const chosen = new Set();
  let target = '';

  const isShown = (step) => {
    const words = find.value.toLowerCase().split(/\s+/);
    const isChosen = chosen.size === 0 || [step.verdict, ...step.also].some((name) => chosen.has(name));
    return isChosen && words.every((word) => step.sought.includes(word));
  };

  const show = () => {
    let shown = 0;
    for (const step of steps) {
      const visible = isShown(step);
      shown += visible;
      step.element.hidden = !visible;
      for (const other of step.elsewhere) {
        if (other.tagName === 'TR') other.hidden = !visible;
        else other.classList.toggle('dim', !visible);
      }
    }
    for (const section of all('.steps')) section.hidden = !section.querySelector('.step:not([hidden])');
    for (const button of filters) button.setAttribute('aria-pressed', chosen.has(button.dataset.filter));
    one('shown').textContent = shown === steps.length ? `${shown} shown` : `${shown} of ${steps.length} shown`;
    document.querySelector('.nothing').hidden = shown > 0 || steps.length === 0;
  };

  // The state is in the fragment, so that a link to the page leads to what somebody saw.
  const remember = () => {
    const parts = [];
    if (target) parts.push(target);
    if (chosen.size) parts.push(`show=${[...chosen].join(',')}`);
    if (find.value) parts.push(`find=${encodeURIComponent(find.value)}`);
    history.replaceState(null, '', `#${parts.join('&')}`);
  };

  const decoded = (text) => {
    try { return decodeURIComponent(text); } catch { return ''; }
  };

  const recall = () => {
    const parts = location.hash.slice(1).split('&');
    const value = (name) => parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
    if (value('show') !== undefined || value('find') !== undefined) {
      chosen.clear();
      const known = filters.map((button) => button.dataset.filter);
      for (const name of (value('show') ?? '').split(',')) if (known.includes(name)) chosen.add(name);
      find.value = decoded(value('find') ?? '');
    }
    const step = byId.get(parts[0]);
    target = step ? step.id : '';
    if (step && !isShown(step)) {
      chosen.clear();
      find.value = '';
    }
    show();
    if (step) {
      step.element.open = true;
      step.element.scrollIntoView();
      step.summary.focus({ preventScroll: true });
      remember();
    }
  };

  const changed = () => { show(); remember(); };

  const expand = (open) => {
    for (const details of all('details')) details.open = open;
    one('expand').setAttribute('aria-pressed', open);
    one('expand').textContent = open ? 'Collapse all' : 'Expand all';
  };

  const move = (by) => {
    const visible = steps.filter((step) => !step.element.hidden);
    const here = visible.findIndex((step) => step.element.contains(document.activeElement));
    const next = here < 0 ? (by > 0 ? 0 : visible.length - 1) : here + by;
    const step = visible[next];
    if (!step) return;
    step.summary.focus({ preventScroll: true });
    step.summary.scrollIntoView({ block: 'nearest' });
  };

  const pressed = (button) => one(button).getAttribute('aria-pressed') === 'true';

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const active = document.activeElement;
    if (active === find) {
      if (event.key !== 'Escape') return;
      find.value = '';
      find.blur();
      changed();
      return;
    }
    const onStep = active?.matches('.step > summary');
    const way = { j: 1, k: -1, ...(onStep && { ArrowDown: 1, ArrowUp: -1 }) }[event.key];
    if (!(onStep && way && event.key.startsWith('Arrow')) && !pressed('keys')) return;
    if (way) move(way);
    else if (event.key === '/') find.focus();
    else return;
    event.preventDefault();
  });

  find.addEventListener('input', changed);
  for (const button of filters) {
    button.addEventListener('click', () => {
      const name = button.dataset.filter;
      if (!chosen.delete(name)) chosen.add(name);
      changed();
    });
  }
  for (const step of steps) {
    step.summary.addEventListener('click', () => {
      target = step.element.open ? '' : step.id;
      remember();
    });
  }
  one('expand').addEventListener('click', () => expand(!pressed('expand')));
  one('keys').addEventListener('click', () => one('keys').setAttribute('aria-pressed', !pressed('keys')));

  const theme = one('theme');
  const dark = (on) => {
    document.documentElement.dataset.theme = on ? 'dark' : 'light';
    theme.setAttribute('aria-pressed', on);
  };
  theme.setAttribute('aria-pressed', matchMedia('(prefers-color-scheme: dark)').matches);
  theme.addEventListener('click', () => dark(!pressed('theme')));

  let closed = [];
  addEventListener('beforeprint', () => {
    closed = all('details:not([open])');
    for (const details of closed) details.open = true;
  });
  addEventListener('afterprint', () => { for (const details of closed) details.open = false; });
  addEventListener('hashchange', recall);
  // A browser does nothing when it is there already, and else goes in its own time.
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#step-"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, '', link.getAttribute('href'));
    recall();
  });

  document.querySelector('.tools').hidden = false;
  one('keys-told').hidden = false;
  recall();
})();
