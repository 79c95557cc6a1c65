package io.pinion.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The figures of one benchmark: a table for people, or one JSON line. */
final class BenchReport {
    private final String bench;
    private final String commit;
    private final List<Figure> figures = new ArrayList<>();

    BenchReport(String bench, String commit) {
        this.bench = bench;
        this.commit = commit;
    }

    /** A report that names the commit of the checkout it is made in, if there is one. */
    static BenchReport ofCheckout(String bench) {
        return new BenchReport(bench, commit());
    }

    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "rev-parse", "--short", "HEAD")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String line = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return line.isEmpty() ? "unknown" : line;
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** @param target the value asked for, null where there is none */
    record Figure(
            String kase,
            String metric,
            String unit,
            double value,
            @Nullable Double target,
            boolean higherIsBetter) {
        @Nullable
        Boolean met() {
            if (target == null) {
                return null;
            }
            return higherIsBetter ? value >= target : value <= target;
        }
    }

    void add(String kase, String metric, String unit, double value) {
        figures.add(new Figure(kase, metric, unit, value, null, true));
    }

    void addWithMinimum(String kase, String metric, String unit, double value, double target) {
        figures.add(new Figure(kase, metric, unit, value, target, true));
    }

    void addWithMaximum(String kase, String metric, String unit, double value, double target) {
        figures.add(new Figure(kase, metric, unit, value, target, false));
    }

    void print(boolean json, PrintWriter out) {
        if (json) {
            printJson(out);
        } else {
            printTable(out);
        }
    }

    private void printTable(PrintWriter out) {
        out.printf("%-24s %-18s %14s  %-8s %s%n", "case", "metric", "value", "unit", "target");
        for (Figure figure : figures) {
            out.printf(
                    Locale.ROOT,
                    "%-24s %-18s %14s  %-8s %s%n",
                    figure.kase(),
                    figure.metric(),
                    number(figure.value()),
                    figure.unit(),
                    target(figure));
        }
        out.flush();
    }

    private static String target(Figure figure) {
        Double target = figure.target();
        if (target == null) {
            return "";
        }
        String bound = (figure.higherIsBetter() ? "≥ " : "≤ ") + number(target);
        return bound + (Boolean.TRUE.equals(figure.met()) ? " met" : " not met");
    }

    private void printJson(PrintWriter out) {
        StringBuilder line = new StringBuilder()
                .append("{\"bench\": ")
                .append(quoted(bench))
                .append(", \"commit\": ")
                .append(quoted(commit))
                .append(", \"jdk\": ")
                .append(quoted(Runtime.version().toString()))
                .append(", \"results\": [");
        for (int i = 0; i < figures.size(); i++) {
            line.append(i == 0 ? "" : ", ").append(json(figures.get(i)));
        }
        out.println(line.append("]}"));
        out.flush();
    }

    private static String json(Figure figure) {
        Double target = figure.target();
        return "{\"case\": " + quoted(figure.kase()) + ", \"metric\": " + quoted(figure.metric()) + ", \"unit\": "
                + quoted(figure.unit()) + ", \"value\": " + number(figure.value()) + ", \"target\": "
                + (target == null ? "null" : number(target)) + ", \"met\": " + figure.met() + "}";
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.2f", value);
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
