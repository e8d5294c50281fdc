// The console's own script: theme, shortcuts, rows by keyboard, lines. Pages work without it.
"use strict";

(function theme() {
  const toggle = document.getElementById("theme-toggle");
  if (!toggle) return;
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : window.matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `memcubed_theme=${root.dataset.theme}; Path=/console; Max-Age=31536000; SameSite=Strict${secure}`;
    drawCharts();
  });
})();

(function shortcuts() {
  const dialog = document.getElementById("shortcuts");
  const open = document.getElementById("shortcuts-open");
  const box = document.getElementById("shortcuts-on");
  if (!dialog || !open || !box) return;
  open.hidden = false;
  const stored = "memcubed.shortcuts";
  box.checked = localStorage.getItem(stored) !== "off";
  box.addEventListener("change", () => localStorage.setItem(stored, box.checked ? "on" : "off"));
  open.addEventListener("click", () => dialog.showModal());

  let waitsForSecond = 0;
  const places = { h: "/console", u: "/console/users", j: "/console/jobs" };
  const userPlaces = { t: "/console/turns", m: "/console/memories", s: "/console/search" };

  function go(key) {
    const user = document.getElementById("main").dataset.user;
    if (places[key]) location.href = places[key];
    else if (userPlaces[key] && user) location.href = `${userPlaces[key]}?user=${encodeURIComponent(user)}`;
  }

  function moveRow(step) {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("is-current"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    rows.forEach((row) => row.classList.remove("is-current"));
    next.classList.add("is-current");
    next.scrollIntoView({ block: "nearest" });
    const link = next.querySelector("a");
    if (link) link.focus({ preventScroll: true });
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (!box.checked || typing || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (Date.now() - waitsForSecond < 1200) {
      waitsForSecond = 0;
      go(event.key);
      return;
    }
    if (event.key === "g") waitsForSecond = Date.now();
    else if (event.key === "?") dialog.showModal();
    else if (event.key === "j") moveRow(1);
    else if (event.key === "k") moveRow(-1);
    else if (event.key === "/") {
      const field = document.querySelector("[data-search]") || document.getElementById("jump");
      if (!field) return;
      event.preventDefault();
      field.focus();
      field.select();
    }
  });
})();

(function copying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
    });
  }
})();

let charts = [];
const showDay = (at) =>
  new Date(at * 1e3).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

function drawCharts() {
  if (typeof uPlot === "undefined") return;
  charts.forEach((chart) => chart.destroy());
  charts = [];
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  for (const card of document.querySelectorAll("[data-chart]")) {
    const plot = card.querySelector(".plot");
    const data = JSON.parse(card.dataset.series);
    const lines = card.dataset.labels.split("|").map((label, at) => ({
      label, stroke: colour(`--series-${at + 1}`), width: 2, spanGaps: false, points: { show: data[0].length < 40, size: 4 },
      value: (_, value) => (value === null ? "–" : value.toLocaleString("en", { maximumFractionDigits: 2 })),
    }));
    const options = {
      width: plot.clientWidth, height: 210, tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), "UTC"),
      series: [{ label: "day", value: (_, at) => (at === null ? "–" : showDay(at)) }, ...lines], axes: [{ ...axis, values: (_, days) => days.map(showDay) }, { ...axis, size: 56 }],
      scales: { y: { range: (_, least, most) => [0, most > 0 ? most * 1.1 : 1] } },
      cursor: { drag: { x: false, y: false } },
    };
    charts.push(new uPlot(options, data, plot));
  }
}

drawCharts();
let redraw = 0;
window.addEventListener("resize", () => {
  clearTimeout(redraw);
  redraw = setTimeout(drawCharts, 150);
});
