/// What every page brings along: its style, and the script that draws its figures.
#pragma once

#include <string>

namespace cayley {

/// Light and dark as the reader has chosen; wide tables scroll by themselves.
inline const std::string page_style = R"css(
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1c1c1c; --faint: #5c5c5c; --line: #d4d4d4; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181c; --ink: #ececec; --faint: #a8a8a8; --line: #3c4048; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 16px; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; line-height: 1.3; margin-bottom: 4px; }
section { margin: 32px 0; border-top: 1px solid var(--line); }
p { max-width: 46rem; overflow-wrap: anywhere; } .reading, .note { color: var(--faint); }
.table { overflow: auto; max-height: 28rem; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 3px 12px 3px 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child { text-align: left; font-weight: 600; }
.figure { width: 100%; }
)css";

/// Draws each figure when it comes near, with arrays unpacked, in the reader's colours, and with panels below one another
/// on a narrow screen. `cayley.draw(element, json)` draws any figure, and again with other data; `cayley.drawAll()` draws
/// them all, as for printing. Drawn figures have the attribute data-drawn.
inline const std::string page_script = R"js(
'use strict';
const cayley = (() => {
  const dark = matchMedia('(prefers-color-scheme: dark)'), narrow = matchMedia('(max-width: 640px)');
  const drawn = new Map();
  function unpack(json) {
    if (Array.isArray(json)) return json.map(unpack);
    if (json === null || typeof json !== 'object') return json;
    if (typeof json.f32 === 'string') {
      const bytes = Uint8Array.from(atob(json.f32), c => c.charCodeAt(0));
      const values = new Float32Array(bytes.buffer), [rows, columns] = json.shape;
      if (columns === 0) return values;
      return Array.from({length: rows}, (_, r) => values.subarray(r * columns, (r + 1) * columns));
    }
    const result = {};
    for (const key in json) result[key] = unpack(json[key]);
    return result;
  }
  function inPlace(figure) {  // the layout for this reader: colours, and panels below one another where it is narrow
    const layout = JSON.parse(JSON.stringify(figure.layout));
    const data = figure.data.map(trace => ({...trace}));
    const ink = dark.matches ? '#ececec' : '#1c1c1c', line = dark.matches ? '#3c4048' : '#d4d4d4';
    layout.modebar = {bgcolor: 'rgba(0,0,0,0)', color: line, activecolor: ink};
    layout.font = {color: ink, size: 13, family: 'system-ui, sans-serif'};
    for (const key in layout) {
      if (!/^[xy]axis\d*$/.test(key)) continue;
      Object.assign(layout[key], {gridcolor: line, linecolor: line});
    }
    for (const slider of layout.sliders || []) Object.assign(slider, {bordercolor: line, tickcolor: line, bgcolor: line});
    for (const menu of layout.updatemenus || []) Object.assign(menu, {bordercolor: line, bgcolor: 'rgba(128,128,128,0.25)'});
    if (narrow.matches) {
      delete layout.title;
      layout.margin = {l: 48, r: 8, t: 32, b: 56};
      const panels = layout.meta.panels, gap = panels > 1 ? 0.3 / panels : 0, high = (1 - gap * (panels - 1)) / panels;
      const bars = data.some(trace => (trace.colorbar && trace.z) || (trace.marker && trace.marker.colorbar));
      for (let p = 0; p < panels; p++) {
        const n = p === 0 ? '' : p + 1, top = 1 - p * (high + gap);
        layout['xaxis' + n].domain = [0, bars ? 0.98 : 1];
        layout['yaxis' + n].domain = [Math.max(0, top - high), top];
        layout['yaxis' + n].title.standoff = 2;
        for (const trace of data) {
          if ((trace.xaxis || 'x') !== 'x' + n) continue;
          const place = {x: 0.99, y: top - high / 2, len: high};
          if (trace.colorbar) trace.colorbar = {...trace.colorbar, ...place};
          if (trace.marker && trace.marker.colorbar) {
            trace.marker = {...trace.marker, colorbar: {...trace.marker.colorbar, ...place}};
          }
        }
      }
      layout.height = (layout.sliders ? 230 : 120) + panels * 260;
    }
    return {data, layout, frames: figure.frames};
  }
  async function draw(element, json) {
    const figure = unpack(json);
    drawn.set(element, figure);
    const {data, layout, frames} = inPlace(figure);
    element.style.minHeight = layout.height + 'px';
    const config = {responsive: true, displaylogo: false, displayModeBar: narrow.matches ? false : 'hover'};
    await Plotly.react(element, {data, layout, frames, config});
    element.dataset.drawn = 'yes';
  }
  const drawStored = element => draw(element, JSON.parse(document.getElementById(element.id + '-json').textContent));
  const stored = () => [...document.querySelectorAll('.figure')].filter(e => document.getElementById(e.id + '-json'));
  const near = new IntersectionObserver(entries => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      drawStored(entry.target);
    }
  }, {rootMargin: '600px'});
  const drawAll = () => Promise.all(stored().filter(e => !e.dataset.drawn).map(drawStored));
  const again = () => { for (const [element, figure] of drawn) draw(element, figure); };
  dark.addEventListener('change', again);
  narrow.addEventListener('change', again);
  addEventListener('beforeprint', drawAll);
  stored().forEach(element => near.observe(element));
  return {draw, drawAll};
})();
)js";

}  // namespace cayley
