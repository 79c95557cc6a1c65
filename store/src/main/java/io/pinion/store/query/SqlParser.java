package io.pinion.store.query;

import io.pinion.store.query.SqlToken.Kind;
import io.pinion.store.query.Statement.Expression;
import io.pinion.store.query.Statement.Item;
import io.pinion.store.query.Statement.LiteralKind;
import io.pinion.store.query.Statement.Operator;
import io.pinion.store.query.Statement.Projection;
import io.pinion.store.query.Statement.Source;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SQL text to {@link Statement}, by recursive descent:
 *
 * <pre>
 *   select  = SELECT projection FROM name [[AS] alias] [WHERE or] [LIMIT number] [;]
 *   or      = and { OR and }        and     = compare { AND compare }
 *   compare = operand { op operand }        operand = column | literal | :sender | ( or )
 * </pre>
 *
 * Whatever is not in the grammar is refused by name, never ignored.
 */
public final class SqlParser {
    /** Longest statement, in bytes of UTF-8. */
    public static final int MAX_BYTES = 50_000;

    private static final int MAX_NESTING = 500;
    private static final BigInteger U64_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final int U64_DIGITS = 20;

    /** Words that are only names when quoted. */
    private static final Set<String> RESERVED = Set.of(
            "ALL",
            "AND",
            "ANY",
            "ARRAY",
            "AS",
            "ASC",
            "CASE",
            "CAST",
            "CROSS",
            "DESC",
            "DISTINCT",
            "ELSE",
            "END",
            "EXCEPT",
            "FALSE",
            "FETCH",
            "FOR",
            "FROM",
            "FULL",
            "GROUP",
            "HAVING",
            "IN",
            "INNER",
            "INTERSECT",
            "INTO",
            "IS",
            "ISNULL",
            "JOIN",
            "LATERAL",
            "LEFT",
            "LIKE",
            "ILIKE",
            "LIMIT",
            "NATURAL",
            "NOT",
            "NOTNULL",
            "NULL",
            "OFFSET",
            "ON",
            "OR",
            "ORDER",
            "OUTER",
            "RETURNING",
            "RIGHT",
            "SELECT",
            "SIMILAR",
            "THEN",
            "TRUE",
            "UNION",
            "USING",
            "WHEN",
            "WHERE",
            "WINDOW",
            "WITH",
            "BETWEEN");

    /** What a reserved word that stands where it may not is called in the message. */
    private static final Map<String, String> CONSTRUCTS = Map.ofEntries(
            Map.entry("ORDER", "ORDER BY"),
            Map.entry("GROUP", "GROUP BY"),
            Map.entry("CROSS", "CROSS JOIN"),
            Map.entry("INNER", "INNER JOIN"),
            Map.entry("LEFT", "LEFT JOIN"),
            Map.entry("RIGHT", "RIGHT JOIN"),
            Map.entry("FULL", "FULL JOIN"),
            Map.entry("NATURAL", "NATURAL JOIN"),
            Map.entry("IS", "IS NULL"));

    private static final Set<String> OTHER_STATEMENTS = Set.of(
            "INSERT",
            "UPDATE",
            "DELETE",
            "SET",
            "SHOW",
            "WITH",
            "CREATE",
            "DROP",
            "ALTER",
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
            "EXPLAIN",
            "VALUES",
            "TRUNCATE",
            "MERGE",
            "COPY",
            "GRANT",
            "REVOKE");

    private static final Map<String, Operator> OPERATORS = Map.of(
            "=", Operator.EQUAL,
            "<>", Operator.NOT_EQUAL,
            "!=", Operator.NOT_EQUAL,
            "<", Operator.LESS,
            "<=", Operator.LESS_OR_EQUAL,
            ">", Operator.GREATER,
            ">=", Operator.GREATER_OR_EQUAL);

    private final List<SqlToken> tokens;
    private int at;
    private int nesting;

    private SqlParser(List<SqlToken> tokens) {
        this.tokens = tokens;
    }

    /** @throws SqlException if the text is not one statement of the grammar */
    public static Statement parse(String sql) {
        if (sql.length() > MAX_BYTES || sql.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new SqlException("the statement is longer than " + MAX_BYTES + " bytes", 0);
        }
        return new SqlParser(SqlLexer.tokens(sql)).statement();
    }

    private Statement statement() {
        SqlToken first = peek();
        if (first.kind() == Kind.END) {
            throw new SqlException("there is no statement", first.position());
        }
        if (first.kind() == Kind.WORD && OTHER_STATEMENTS.contains(first.upperCase())) {
            throw unsupported(first.upperCase(), first);
        }
        expectWord("SELECT");
        Statement select = select();
        if (accept(";") && peek().kind() != Kind.END) {
            throw new SqlException("more than one statement", peek().position());
        }
        if (peek().kind() != Kind.END) {
            throw unexpected("the end of the statement");
        }
        return select;
    }

    private Statement select() {
        Projection projection = projection();
        if (!peek().isWord("FROM")) {
            throw unexpected("FROM");
        }
        next();
        Source source = source();
        Expression where = acceptWord("WHERE") ? expression() : null;
        long limit = acceptWord("LIMIT") ? limit() : Long.MAX_VALUE;
        return new Statement.Select(projection, source, where, limit);
    }

    private Projection projection() {
        SqlToken first = peek();
        if (first.isSymbol("*")) {
            next();
            return all(null, first);
        }
        if (first.isWord("COUNT") && peekAfter(1).isSymbol("(")) {
            return count();
        }
        if (first.isWord("FROM")) {
            throw unexpected("a column or *");
        }
        List<Item> items = new ArrayList<>();
        do {
            if (peek().isSymbol("*")) {
                throw new SqlException("* cannot stand beside other columns", peek().position());
            }
            SqlToken start = peek();
            List<String> parts = nameParts("a column or *");
            if (parts.getLast().equals("*")) {
                if (!items.isEmpty()) {
                    throw new SqlException("* cannot stand beside other columns", first.position());
                }
                return all(String.join(".", parts.subList(0, parts.size() - 1)), first);
            }
            items.add(new Item(column(parts, start), alias()));
        } while (accept(","));
        return new Projection.Columns(items);
    }

    private Projection all(@Nullable String table, SqlToken first) {
        if (peek().isSymbol(",")) {
            throw new SqlException("* cannot stand beside other columns", first.position());
        }
        return new Projection.All(table, first.position());
    }

    private Projection count() {
        SqlToken function = next();
        expect("(");
        if (!accept("*")) {
            throw unsupported("COUNT of anything but *", function);
        }
        expect(")");
        String label = alias();
        if (label == null) {
            throw new SqlException("COUNT(*) needs a name: COUNT(*) AS n", function.position());
        }
        if (peek().isSymbol(",")) {
            throw unsupported("COUNT(*) beside other columns", peek());
        }
        return new Projection.Count(label);
    }

    private Source source() {
        int position = peek().position();
        if (peek().isSymbol("(")) {
            throw unsupported("a subquery", peek());
        }
        if (peek().isSymbol("*")) {
            throw unexpected("a table");
        }
        List<String> parts = nameParts("a table");
        if (parts.getLast().equals("*")) {
            throw new SqlException("expected a table, got *", position);
        }
        Source source = new Source(String.join(".", parts), alias(), position);
        if (peek().isSymbol(",")) {
            throw unsupported("a join by comma", peek());
        }
        return source;
    }

    /** {@code [AS] name}, if there is one. */
    private @Nullable String alias() {
        boolean hasAs = acceptWord("AS");
        return hasAs || isName(peek()) ? name("a name") : null;
    }

    private long limit() {
        SqlToken token = next();
        if (token.kind() != Kind.NUMBER) {
            throw new SqlException("LIMIT takes a number, not " + token.describe(), token.position());
        }
        BigDecimal limit = Literals.decimal(token.text(), token.position());
        boolean isShort = limit.signum() == 0 || limit.precision() - (long) limit.scale() <= U64_DIGITS;
        if (!isShort
                || limit.stripTrailingZeros().scale() > 0
                || limit.toBigInteger().compareTo(U64_MAX) > 0) {
            throw new SqlException("LIMIT takes a whole number up to 2^64 - 1, not " + token.text(), token.position());
        }
        return limit.toBigInteger().min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact();
    }

    private Expression expression() {
        if (++nesting > MAX_NESTING) {
            throw new SqlException("the condition nests deeper than " + MAX_NESTING, peek().position());
        }
        int position = peek().position();
        List<Expression> parts = new ArrayList<>();
        do {
            parts.add(conjunction());
        } while (acceptWord("OR"));
        nesting--;
        return parts.size() == 1 ? parts.getFirst() : new Expression.Or(parts, position);
    }

    private Expression conjunction() {
        int position = peek().position();
        List<Expression> parts = new ArrayList<>();
        do {
            parts.add(comparison());
        } while (acceptWord("AND"));
        return parts.size() == 1 ? parts.getFirst() : new Expression.And(parts, position);
    }

    private Expression comparison() {
        Expression left = operand();
        SqlToken token = peek();
        Operator operator = token.kind() == Kind.SYMBOL ? OPERATORS.get(token.text()) : null;
        if (operator == null) {
            requireNoOtherOperator(token);
            return left;
        }
        next();
        Expression comparison = new Expression.Comparison(operator, left, operand(), token.position());
        SqlToken after = peek();
        if (after.kind() == Kind.SYMBOL && OPERATORS.containsKey(after.text())) {
            throw unsupported("a chain of comparisons", after);
        }
        requireNoOtherOperator(after);
        return comparison;
    }

    private void requireNoOtherOperator(SqlToken token) {
        if (token.kind() == Kind.SYMBOL && !Set.of(")", ";", ",").contains(token.text())) {
            throw unsupported("the operator " + token.text(), token);
        }
    }

    private Expression operand() {
        SqlToken token = peek();
        return switch (token.kind()) {
            case NUMBER -> literal(LiteralKind.NUMBER, next().text(), token);
            case STRING -> literal(LiteralKind.STRING, next().text(), token);
            case HEX -> literal(LiteralKind.HEX, next().text(), token);
            case PARAMETER -> parameter(next());
            case SYMBOL -> symbolOperand(token);
            case WORD, QUOTED_NAME -> wordOperand(token);
            case END -> throw unexpected("a value or a column");
        };
    }

    private static Expression literal(LiteralKind kind, String text, SqlToken token) {
        return new Expression.Literal(kind, text, token.position());
    }

    private static Expression parameter(SqlToken token) {
        if (!token.text().equals("sender")) {
            throw new SqlException("parameters other than :sender are not supported", token.position());
        }
        return new Expression.Sender(token.position());
    }

    private Expression symbolOperand(SqlToken token) {
        if (accept("(")) {
            if (peek().isWord("SELECT")) {
                throw unsupported("a subquery", peek());
            }
            Expression inner = expression();
            expect(")");
            return inner;
        }
        if (token.isSymbol("-") || token.isSymbol("+")) {
            next();
            SqlToken number = next();
            if (number.kind() != Kind.NUMBER) {
                throw unsupported("the operator " + token.text() + " before anything but a number", token);
            }
            return literal(LiteralKind.NUMBER, token.text() + number.text(), token);
        }
        throw unexpected("a value or a column");
    }

    private Expression wordOperand(SqlToken token) {
        if (token.isWord("TRUE") || token.isWord("FALSE")) {
            return literal(LiteralKind.BOOL, next().upperCase(), token);
        }
        if (peekAfter(1).isSymbol("(")) {
            throw unsupported("the function " + token.text(), token);
        }
        if (token.kind() == Kind.WORD && RESERVED.contains(token.upperCase())) {
            throw unsupported(construct(token), token);
        }
        List<String> parts = nameParts("a column");
        if (parts.getLast().equals("*")) {
            throw new SqlException("expected a column, got *", token.position());
        }
        if (peek().isSymbol("(")) {
            throw unsupported("the function " + String.join(".", parts), token);
        }
        return column(parts, token);
    }

    /** The last part is the column, what stands before it the table. */
    private static Expression.Column column(List<String> parts, SqlToken token) {
        String table = parts.size() == 1 ? null : String.join(".", parts.subList(0, parts.size() - 1));
        return new Expression.Column(table, parts.getLast(), token.position());
    }

    /** A name with dots; its last part may be {@code *}. */
    private List<String> nameParts(String what) {
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

    private String name(String what) {
        SqlToken token = peek();
        if (!isName(token)) {
            throw unexpected(what);
        }
        if (peekAfter(1).isSymbol("(")) {
            throw unsupported("the function " + token.text(), token);
        }
        return next().text();
    }

    private static boolean isName(SqlToken token) {
        return token.kind() == Kind.QUOTED_NAME || (token.kind() == Kind.WORD && !RESERVED.contains(token.upperCase()));
    }

    private SqlToken peek() {
        return tokens.get(at);
    }

    private SqlToken peekAfter(int count) {
        return tokens.get(Math.min(at + count, tokens.size() - 1));
    }

    private SqlToken next() {
        SqlToken token = tokens.get(at);
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }

    private boolean accept(String symbol) {
        boolean found = peek().isSymbol(symbol);
        at += found ? 1 : 0;
        return found;
    }

    private boolean acceptWord(String keyword) {
        boolean found = peek().isWord(keyword);
        at += found ? 1 : 0;
        return found;
    }

    private void expect(String symbol) {
        if (!accept(symbol)) {
            throw unexpected(symbol);
        }
    }

    private void expectWord(String keyword) {
        if (!acceptWord(keyword)) {
            throw unexpected(keyword);
        }
    }

    private SqlException unexpected(String wanted) {
        SqlToken token = peek();
        if (token.kind() == Kind.WORD && RESERVED.contains(token.upperCase()) && !isGrammar(token)) {
            return unsupported(construct(token), token);
        }
        return new SqlException("expected " + wanted + ", got " + token.describe(), token.position());
    }

    private static boolean isGrammar(SqlToken token) {
        return Set.of("SELECT", "FROM", "WHERE", "AND", "OR", "AS", "LIMIT", "TRUE", "FALSE")
                .contains(token.upperCase());
    }

    private static String construct(SqlToken token) {
        return CONSTRUCTS.getOrDefault(token.upperCase(), token.upperCase());
    }

    private static SqlException unsupported(String construct, SqlToken token) {
        return new SqlException(construct + " is not supported", token.position());
    }
}
