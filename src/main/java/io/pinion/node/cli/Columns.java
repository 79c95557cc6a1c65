package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Lines of columns for people, with a line of headings; what holds numbers stands at the right. */
final class Columns {
    private final List<String> headings;
    private final List<List<String>> lines = new ArrayList<>();

    Columns(String... headings) {
        this.headings = List.of(headings);
    }

    /** @param cells as many as there are headings */
    void add(String... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException(cells.length + " cells below " + headings);
        }
        lines.add(List.of(cells));
    }

    /** What answers call a part of one, as a percentage; nothing if it is not there. */
    static String percent(JsonNode fraction) {
        return fraction.isMissingNode() ? "" : Math.round(fraction.asDouble() * 100) + " %";
    }

    String text() {
        List<List<String>> all = new ArrayList<>(lines);
        all.addFirst(headings);
        int[] widths = new int[headings.size()];
        for (List<String> line : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        return all.stream().map(line -> text(line, widths)).collect(Collectors.joining("\n"));
    }

    private String text(List<String> line, int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = line.get(i);
            String padding = " ".repeat(widths[i] - cell.length());
            text.append(i == 0 ? "" : "  ").append(isNumeric(i) ? padding + cell : cell + padding);
        }
        return text.toString().stripTrailing();
    }

    private boolean isNumeric(int column) {
        return !lines.isEmpty()
                && lines.stream().allMatch(line -> line.get(column).matches("[-0-9. %]*"));
    }
}
