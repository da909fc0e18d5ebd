// Draws every .sg-chart from its data-chart, in the colours of the theme.
//
// data-chart: {"kind": "line"|"bar"|"scatter", "stacked": bool, "unit": "ms"|"",
//   "x": ["…"] (categories) or absent with "time": true (points are [iso, number]),
//   "series": [{"name": "…", "data": […], "colour": "blue"?, "dashed": bool?}]}
"use strict";
(() => {
  const shown = new Map();
  const css = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  const resolved = (colour) => {
    const probe = document.createElement("canvas").getContext("2d");
    probe.fillStyle = colour;
    return probe.fillStyle;
  };
  const colour = (name) => resolved(css(`--sg-chart-${name}`) || css(`--sg-chart-blue`));
  const zone = (document.cookie.match(/(?:^|; )timezone=([^;]+)/) || [])[1];
  const clock = (value, seconds) =>
    new Intl.DateTimeFormat("sv-SE", {
      timeZone: zone || "UTC", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
      ...(seconds ? { year: "numeric", second: "2-digit" } : {}),
    }).format(new Date(value));

  const options = (chart) => {
    const text = resolved(css("--tblr-secondary"));
    const line = resolved(css("--tblr-border-color"));
    const names = ["blue", "orange", "green", "purple", "red", "teal", "yellow", "pink"];
    const unit = chart.unit ? ` ${chart.unit}` : "";
    return {
      animation: false,
      textStyle: { fontFamily: css("--tblr-body-font-family") || "sans-serif", color: text },
      grid: { left: 8, right: 16, top: chart.series.length > 1 ? 36 : 16, bottom: 8, containLabel: true },
      legend: { show: chart.series.length > 1, type: "scroll", top: 0, left: 0, textStyle: { color: text }, icon: "roundRect", itemHeight: 3, itemWidth: 14 },
      // HTML tooltips carry style attributes, which the page's policy forbids.
      tooltip: {
        renderMode: "richText", trigger: chart.kind === "scatter" ? "item" : "axis", confine: true,
        valueFormatter: (value) => (value === null || value === undefined ? "–" : `${value}${unit}`),
        backgroundColor: resolved(css("--tblr-bg-surface")), borderColor: line,
        textStyle: { color: resolved(css("--tblr-body-color")) },
      },
      xAxis: {
        type: chart.time ? "time" : "category", data: chart.x, boundaryGap: chart.kind === "bar",
        axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, splitLine: { show: false },
        axisLabel: { color: text, hideOverlap: true, ...(chart.time ? { formatter: (value) => clock(value) } : {}) },
        ...(chart.time ? { axisPointer: { label: { formatter: (at) => clock(at.value, true) } } } : {}),
      },
      yAxis: {
        type: "value", name: chart.unit || "", min: 0, minInterval: chart.unit ? 0 : 1,
        nameTextStyle: { color: text, align: "left" },
        axisLabel: { color: text }, splitLine: { lineStyle: { color: line } },
      },
      series: chart.series.map((series, index) => ({
        type: chart.kind, name: series.name, data: series.data, stack: chart.stacked ? "all" : undefined,
        symbolSize: chart.kind === "scatter" ? 7 : 4, showSymbol: chart.kind === "scatter" || series.data.length < 40,
        barMaxWidth: 28, connectNulls: false,
        lineStyle: { width: 2, type: series.dashed ? "dashed" : "solid" },
        itemStyle: { color: colour(series.colour || names[index % names.length]) },
      })),
    };
  };

  const draw = (element) => {
    const instance = shown.get(element) || echarts.init(element, null, { renderer: "canvas" });
    shown.set(element, instance);
    instance.setOption(options(JSON.parse(element.dataset.chart)), true);
  };
  const drawAll = () => {
    for (const [element, instance] of shown) {
      if (!element.isConnected) {
        instance.dispose();
        shown.delete(element);
      }
    }
    document.querySelectorAll(".sg-chart").forEach(draw);
  };
  drawAll();
  document.addEventListener("sg:theme", drawAll);
  document.addEventListener("htmx:after:swap", drawAll);
  window.addEventListener("resize", () => shown.forEach((instance) => instance.resize()));
})();
