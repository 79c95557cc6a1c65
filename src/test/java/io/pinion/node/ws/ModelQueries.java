package io.pinion.node.ws;

import java.util.List;
import java.util.Random;

/** Random queries of the kinds that can be subscribed to, on the tables of {@code model.js}. */
final class ModelQueries {
    /** What is written may be found in it. */
    static final int ROOMS = 6;

    static final int VALUES = 20;
    private static final List<String> OPERATORS = List.of("=", "<>", "<", "<=", ">", ">=");

    private final Random random;
    private final int kinds;

    /** @param withViews whether views are among them */
    ModelQueries(Random random, boolean withViews) {
        this.random = random;
        this.kinds = withViews ? 12 : 10;
    }

    String next() {
        return switch (random.nextInt(kinds)) {
            case 0 -> "SELECT * FROM items";
            case 1 -> "SELECT * FROM items WHERE room = " + room();
            case 2 -> "SELECT * FROM items WHERE value " + operator() + " " + value();
            case 3 -> "SELECT * FROM items WHERE room = " + room() + " AND value " + operator() + " " + value();
            case 4 -> "SELECT * FROM items WHERE room = " + room() + " OR value = " + value();
            case 5 -> "SELECT * FROM rooms WHERE level " + operator() + " " + value();
            case 6 ->
                "SELECT items.* FROM items JOIN rooms ON items.room = rooms.id WHERE rooms.level " + operator() + " "
                        + value();
            case 7 ->
                "SELECT rooms.* FROM items JOIN rooms ON items.room = rooms.id WHERE items.value " + operator() + " "
                        + value();
            case 8 -> "SELECT * FROM archive WHERE value = " + value();
            case 9 -> "SELECT * FROM owned WHERE owner = :sender";
            case 10 -> "SELECT * FROM crowded";
            default -> "SELECT * FROM mine WHERE value " + operator() + " " + value();
        };
    }

    /** The table whose rows a query yields. */
    static String returned(String query) {
        String[] words = query.split(" ", 5);
        return words[1].equals("*") ? words[3] : words[1].substring(0, words[1].indexOf('.'));
    }

    private int room() {
        return random.nextInt(ROOMS);
    }

    private int value() {
        return random.nextInt(VALUES);
    }

    private String operator() {
        return OPERATORS.get(random.nextInt(OPERATORS.size()));
    }
}
