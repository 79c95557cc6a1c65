package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The result of a statement as a table for people. */
final class SqlTable {
    private SqlTable() {}

    /** @param result one element of the server's answer: {@code schema}, {@code rows}, {@code stats} */
    static String render(JsonNode result) {
        JsonNode columns = result.path("schema").path("elements");
        JsonNode rows = result.path("rows");
        if (columns.isEmpty()) {
            return changes(result.path("stats"));
        }
        List<List<String>> lines = new ArrayList<>();
        lines.add(names(columns));
        for (JsonNode row : rows) {
            lines.add(cells(columns, row));
        }
        return table(lines, columns) + "\n(" + rows.size() + (rows.size() == 1 ? " row)" : " rows)");
    }

    private static String changes(JsonNode statistics) {
        return statistics.path("rows_inserted").asLong() + " inserted, "
                + statistics.path("rows_updated").asLong() + " updated, "
                + statistics.path("rows_deleted").asLong() + " deleted";
    }

    private static List<String> names(JsonNode columns) {
        List<String> names = new ArrayList<>();
        for (JsonNode column : columns) {
            names.add(column.path("name").path("some").asText("?"));
        }
        return names;
    }

    private static List<String> cells(JsonNode columns, JsonNode row) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            cells.add(ValueText.of(columns.get(i).path("algebraic_type"), row.path(i)));
        }
        return cells;
    }

    private static String table(List<List<String>> lines, JsonNode columns) {
        int[] widths = new int[columns.size()];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(
                        widths[i], line.get(i).codePointCount(0, line.get(i).length()));
            }
        }
        String rule = IntStream.of(widths).mapToObj("-"::repeat).collect(Collectors.joining("-+-"));
        List<String> text = new ArrayList<>();
        for (List<String> line : lines) {
            text.add(line(line, widths, columns));
        }
        text.add(1, rule);
        return String.join("\n", text);
    }

    /** Numbers stand at the right. */
    private static String line(List<String> cells, int[] widths, JsonNode columns) {
        List<String> padded = new ArrayList<>();
        for (int i = 0; i < widths.length; i++) {
            String cell = cells.get(i);
            String padding = " ".repeat(widths[i] - cell.codePointCount(0, cell.length()));
            padded.add(ValueText.isNumber(columns.get(i).path("algebraic_type")) ? padding + cell : cell + padding);
        }
        return String.join(" | ", padded).stripTrailing();
    }
}
