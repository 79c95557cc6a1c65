package io.pinion.store.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A row-level rule, read as far as it takes to tell the table whose rows it lets through: {@code SELECT} {@code *} or
 * {@code name.*}, {@code FROM} a table and those joined to it. Used once.
 */
public final class RowRule {
    private static final Pattern TOKEN =
            Pattern.compile("(?:\"[^\"]*+\")++|(?:'[^']*+')++|[\\p{L}_][\\p{L}\\p{N}_]*+|\\S");

    private static final Set<String> AFTER_TABLE = Set.of("JOIN", "INNER", "CROSS", "ON", "WHERE", "LIMIT");

    private final List<String> tokens = new ArrayList<>();
    private int at;

    private RowRule(String sql) {
        Matcher matcher = TOKEN.matcher(sql);
        while (matcher.find()) {
            tokens.add(matcher.group());
        }
    }

    /** The name, as the rule gives it, of the table whose rows the rule yields; empty if it is no such query. */
    public static Optional<String> table(String sql) {
        return Optional.ofNullable(new RowRule(sql).table());
    }

    private @Nullable String table() {
        if (!take("SELECT")) {
            return null;
        }
        String wanted = null;
        if (!take("*")) {
            wanted = name();
            if (wanted == null || !take(".") || !take("*")) {
                return null;
            }
        }
        return take("FROM") ? source(wanted) : null;
    }

    private @Nullable String source(@Nullable String wanted) {
        do {
            String table = name();
            if (table == null) {
                return null;
            }
            take("AS");
            String alias = isWord() && !AFTER_TABLE.contains(keyword()) ? name() : null;
            if (wanted == null || wanted.equals(alias == null ? table : alias)) {
                return table;
            }
        } while (toNextJoin());
        return null;
    }

    private boolean toNextJoin() {
        while (at < tokens.size() && !take("JOIN")) {
            at++;
        }
        return at < tokens.size();
    }

    /** Names joined by dots; a dot before a star is left. */
    private @Nullable String name() {
        if (!isWord()) {
            return null;
        }
        StringBuilder name = new StringBuilder(part());
        while (at + 1 < tokens.size()
                && tokens.get(at).equals(".")
                && !tokens.get(at + 1).equals("*")) {
            at++;
            if (!isWord()) {
                return null;
            }
            name.append('.').append(part());
        }
        return name.toString();
    }

    private String part() {
        String token = tokens.get(at++);
        return token.startsWith("\"") ? token.substring(1, token.length() - 1).replace("\"\"", "\"") : token;
    }

    private boolean isWord() {
        if (at >= tokens.size()) {
            return false;
        }
        String token = tokens.get(at);
        boolean isQuoted = token.length() > 2 && token.startsWith("\"");
        return isQuoted || token.startsWith("_") || Character.isLetter(token.codePointAt(0));
    }

    private String keyword() {
        return tokens.get(at).toUpperCase(Locale.ROOT);
    }

    private boolean take(String keyword) {
        if (at < tokens.size() && keyword().equals(keyword)) {
            at++;
            return true;
        }
        return false;
    }
}
