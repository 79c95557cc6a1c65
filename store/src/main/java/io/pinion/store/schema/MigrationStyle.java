package io.pinion.store.schema;

import java.util.List;

/** How plans are printed: a heading, an item for each step, and a warning if clients will be disconnected. */
public enum MigrationStyle {
    PLAIN,
    /** With the colours of a terminal: removals red, additions green, the warning bold and yellow. */
    ANSI;

    private static final String RED = "\u001b[31m";
    private static final String GREEN = "\u001b[32m";
    private static final String CYAN = "\u001b[36m";
    private static final String BOLD = "\u001b[1m";
    private static final String BOLD_YELLOW = "\u001b[1;33m";
    private static final String RESET = "\u001b[0m";

    String text(MigrationPlan.Possible plan) {
        List<String> items = plan.steps().stream()
                .filter(MigrationStyle::isItem)
                .map(this::item)
                .toList();
        StringBuilder text = new StringBuilder();
        if (items.isEmpty()) {
            text.append(in(BOLD, "The schema stays as it is.")).append('\n');
        } else {
            text.append(in(BOLD, "The schema changes:")).append('\n');
            items.forEach(item -> text.append("  ").append(item).append('\n'));
        }
        if (plan.disconnectsClients()) {
            text.append(in(BOLD_YELLOW, "Warning: all clients will be disconnected."))
                    .append('\n');
        }
        return text.toString();
    }

    private static boolean isItem(MigrationStep step) {
        return switch (step.phase()) {
            case REMOVAL, COLUMNS, ALIAS, ADDITION, ACCESS, PRIMARY_KEY -> true;
            case REFRESH, DISCONNECTION -> false;
        };
    }

    private String item(MigrationStep step) {
        return switch (step) {
            case MigrationStep.Removal removal -> in(RED, "- " + removal.text());
            case MigrationStep.Addition addition -> in(GREEN, "+ " + addition.text());
            case MigrationStep.AddColumn column -> in(GREEN, "+ " + column.text());
            default -> in(CYAN, "~ " + step.text());
        };
    }

    private String in(String colour, String text) {
        return this == ANSI ? colour + text + RESET : text;
    }
}
