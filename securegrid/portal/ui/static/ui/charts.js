// Draws every .sg-chart from its data-chart, in the colours of the theme.
//
// data-chart: {"kind": "line"|"bar"|"scatter", "stacked": bool, "unit": "ms"|"", "max": number,
//   "x": ["…"] (categories) or absent with "time": true (points are [iso, number]),
//   "series": [{"name": "…", "data": […], "colour": "blue"?, "dashed": bool?}]}
"use strict";
(() => {
  const shown = new Map();
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pixel = canvas.getContext("2d", { willReadFrequently: true });

  // The style sheet speaks oklch and color-mix; the charts understand only rgb.
  const rgb = (property) => {
    probe.style.color = `var(${property})`;
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = getComputedStyle(probe).color;
    pixel.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
    return `rgba(${r},${g},${b},${(a / 255).toFixed(3)})`;
  };
  const zone = (document.cookie.match(/(?:^|; )timezone=([^;]+)/) || [])[1];
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone || "UTC", hourCycle: "h23",
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  });
  const clock = (value, full) => {
    const part = Object.fromEntries(format.formatToParts(new Date(value)).map((p) => [p.type, p.value]));
    const day = `${part.month}-${part.day}`;
    const time = `${part.hour}:${part.minute}`;
    if (full) return `${part.year}-${day} ${time}`;
    return time === "00:00" ? day : `${day} ${time}`;
  };

  const options = (chart) => {
    const text = rgb("--tblr-secondary");
    const line = rgb("--tblr-border-color");
    const names = ["blue", "orange", "green", "purple", "red", "teal", "yellow", "pink"];
    const unit = chart.unit ? ` ${chart.unit}` : "";
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: text },
      grid: { left: 8, right: 16, top: (chart.series.length > 1 ? 32 : 12) + (chart.unit ? 20 : 0), bottom: 8, containLabel: true },
      legend: { show: chart.series.length > 1, type: "scroll", top: 0, left: 0, textStyle: { color: text }, icon: "roundRect", itemHeight: 3, itemWidth: 14 },
      // HTML tooltips carry style attributes, which the page's policy forbids.
      tooltip: {
        renderMode: "richText", trigger: chart.kind === "scatter" ? "item" : "axis", confine: true,
        valueFormatter: (value) => (value === null || value === undefined ? "–" : `${value}${unit}`),
        backgroundColor: rgb("--tblr-bg-surface"), borderColor: line,
        textStyle: { color: rgb("--tblr-body-color") },
      },
      xAxis: {
        type: chart.time ? "time" : "category", data: chart.x, boundaryGap: chart.kind === "bar",
        axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, splitLine: { show: false },
        axisLabel: { color: text, hideOverlap: true, ...(chart.time ? { formatter: (value) => clock(value) } : {}) },
        ...(chart.time ? { axisPointer: { label: { formatter: (at) => clock(at.value, true) } } } : {}),
      },
      yAxis: {
        type: "value", name: chart.unit || "", min: 0, max: chart.max, minInterval: chart.unit ? 0 : 1,
        nameTextStyle: { color: text, align: "right" },
        axisLabel: { color: text }, splitLine: { lineStyle: { color: line } },
      },
      series: chart.series.map((series, index) => ({
        type: chart.kind, name: series.name, data: series.data, stack: chart.stacked ? "all" : undefined,
        symbolSize: chart.kind === "scatter" ? 7 : 4, showSymbol: chart.kind === "scatter" || series.data.length < 40,
        barMaxWidth: 28, connectNulls: false,
        lineStyle: { width: 2, type: series.dashed ? "dashed" : "solid" },
        itemStyle: { color: rgb(`--sg-chart-${series.colour || names[index % names.length]}`) },
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
