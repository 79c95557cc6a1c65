package io.pinion.store.query;

import io.pinion.store.query.SqlToken.Kind;
import io.pinion.store.query.Statement.Expression;
import io.pinion.store.query.Statement.LiteralKind;
import io.pinion.store.query.Statement.TableName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the tokens of one text in order: names, literals, and what was not expected. */
final class TokenReader {
    private final List<SqlToken> tokens;
    private int at;

    TokenReader(List<SqlToken> tokens) {
        this.tokens = tokens;
    }

    SqlToken peek() {
        return tokens.get(at);
    }

    SqlToken peekAfter(int count) {
        return tokens.get(Math.min(at + count, tokens.size() - 1));
    }

    SqlToken next() {
        SqlToken token = tokens.get(at);
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }

    boolean accept(String symbol) {
        boolean found = peek().isSymbol(symbol);
        at += found ? 1 : 0;
        return found;
    }

    boolean acceptWord(String keyword) {
        boolean found = peek().isWord(keyword);
        at += found ? 1 : 0;
        return found;
    }

    void expect(String symbol) {
        if (!accept(symbol)) {
            throw unexpected(symbol);
        }
    }

    void expectWord(String keyword) {
        if (!acceptWord(keyword)) {
            throw unexpected(keyword);
        }
    }

    /** {@code [AS] name}, if there is one. */
    @Nullable
    String alias() {
        boolean hasAs = acceptWord("AS");
        return hasAs || isName(peek()) ? name("a name") : null;
    }

    TableName tableName() {
        int position = peek().position();
        if (peek().isSymbol("(")) {
            throw unsupported("a subquery", peek());
        }
        List<String> parts = nameParts("a table");
        if (parts.getLast().equals("*")) {
            throw new SqlException("expected a table, got *", position);
        }
        return new TableName(String.join(".", parts), position);
    }

    /** A column with or without its table. */
    Expression.Column column() {
        SqlToken first = peek();
        List<String> parts = nameParts("a column");
        if (parts.getLast().equals("*")) {
            throw new SqlException("expected a column, got *", first.position());
        }
        return column(parts, first);
    }

    /** The last part is the column, what stands before it the table. */
    Expression.Column column(List<String> parts, SqlToken first) {
        if (peek().isSymbol("(")) {
            throw unsupported("the function " + String.join(".", parts), first);
        }
        String table = parts.size() == 1 ? null : String.join(".", parts.subList(0, parts.size() - 1));
        return new Expression.Column(table, parts.getLast(), first.position());
    }

    /** A name with dots; its last part may be {@code *}. */
    List<String> nameParts(String what) {
        List<String> parts = new ArrayList<>();
        parts.add(name(what));
        while (accept(".")) {
            if (accept("*")) {
                parts.add("*");
                return parts;
            }
            parts.add(name("a name"));
        }
        return parts;
    }

    String name(String what) {
        SqlToken token = peek();
        if (!isName(token)) {
            throw unexpected(what);
        }
        return next().text();
    }

    static boolean isName(SqlToken token) {
        return token.kind() == Kind.QUOTED_NAME
                || (token.kind() == Kind.WORD && !SqlWords.RESERVED.contains(token.upperCase()));
    }

    /** A number with or without a sign, a string, hex or a bool; null if there is something else. */
    Expression.@Nullable Literal literal() {
        SqlToken token = peek();
        return switch (token.kind()) {
            case NUMBER -> literal(LiteralKind.NUMBER, next().text(), token);
            case STRING -> literal(LiteralKind.STRING, next().text(), token);
            case HEX -> literal(LiteralKind.HEX, next().text(), token);
            case SYMBOL -> token.isSymbol("-") || token.isSymbol("+") ? signed(next()) : null;
            case WORD ->
                token.isWord("TRUE") || token.isWord("FALSE")
                        ? literal(LiteralKind.BOOL, next().upperCase(), token)
                        : null;
            case PARAMETER, QUOTED_NAME, END -> null;
        };
    }

    private Expression.Literal signed(SqlToken sign) {
        SqlToken number = next();
        if (number.kind() != Kind.NUMBER) {
            throw unsupported("the operator " + sign.text() + " before anything but a number", sign);
        }
        return literal(LiteralKind.NUMBER, sign.text() + number.text(), sign);
    }

    private static Expression.Literal literal(LiteralKind kind, String text, SqlToken token) {
        return new Expression.Literal(kind, text, token.position());
    }

    SqlException unexpected(String wanted) {
        SqlToken token = peek();
        if (isReserved(token) && !SqlWords.GRAMMAR.contains(token.upperCase())) {
            return unsupported(construct(token), token);
        }
        return new SqlException("expected " + wanted + ", got " + token.describe(), token.position());
    }

    static boolean isReserved(SqlToken token) {
        return token.kind() == Kind.WORD && SqlWords.RESERVED.contains(token.upperCase());
    }

    static String construct(SqlToken token) {
        return SqlWords.CONSTRUCTS.getOrDefault(token.upperCase(), token.upperCase());
    }

    static SqlException unsupported(String construct, SqlToken token) {
        return new SqlException(construct + " is not supported", token.position());
    }
}
