/**
 * Pictures of the report: XChart lays them out, {@link dev.syrinx.bench.report.chart.SvgCanvas} writes what it draws as SVG whose colours
 * the page decides about.
 */
package dev.syrinx.bench.report.chart;
