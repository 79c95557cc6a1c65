package io.pinion.store.query;

import io.pinion.store.query.SqlToken.Kind;
import io.pinion.store.query.Statement.Assignment;
import io.pinion.store.query.Statement.Expression;
import io.pinion.store.query.Statement.Item;
import io.pinion.store.query.Statement.JoinOn;
import io.pinion.store.query.Statement.Projection;
import io.pinion.store.query.Statement.Row;
import io.pinion.store.query.Statement.Source;
import io.pinion.store.query.Statement.TableName;
import io.pinion.store.query.Statement.Variable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SQL text to {@link Statement}:
 *
 * <pre>
 *   select  = SELECT projection FROM item { join } [WHERE condition] [LIMIT number]
 *   item    = name [[AS] alias]
 *   join    = [INNER] JOIN item [ON column = column]  |  CROSS JOIN item
 *   insert  = INSERT INTO name ( names ) VALUES ( literals ) { , ( literals ) }
 *   update  = UPDATE name SET column = literal { , column = literal } [WHERE condition]
 *   delete  = DELETE FROM name [WHERE condition]
 *   set     = SET name (= | TO) literal         show = SHOW name
 * </pre>
 *
 * One statement, with or without a semicolon. Whatever is not in the grammar is refused by name, never ignored.
 */
public final class SqlParser {
    /** Longest statement, in bytes of UTF-8. */
    public static final int MAX_BYTES = 50_000;

    private static final BigInteger U64_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
    private static final int U64_DIGITS = 20;

    private final TokenReader in;

    private SqlParser(TokenReader in) {
        this.in = in;
    }

    /** @throws SqlException if the text is not one statement of the grammar */
    public static Statement parse(String sql) {
        if (sql.length() > MAX_BYTES || sql.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new SqlException("the statement is longer than " + MAX_BYTES + " bytes", 0);
        }
        return new SqlParser(new TokenReader(SqlLexer.tokens(sql))).statement();
    }

    private Statement statement() {
        Statement statement = begin();
        if (in.accept(";") && in.peek().kind() != Kind.END) {
            throw new SqlException("more than one statement", in.peek().position());
        }
        if (in.peek().kind() != Kind.END) {
            throw in.unexpected("the end of the statement");
        }
        return statement;
    }

    private Statement begin() {
        SqlToken first = in.next();
        if (first.kind() == Kind.END) {
            throw new SqlException("there is no statement", first.position());
        }
        String keyword = first.kind() == Kind.WORD ? first.upperCase() : "";
        if (SqlWords.OTHER_STATEMENTS.contains(keyword)) {
            throw TokenReader.unsupported(keyword, first);
        }
        return switch (keyword) {
            case "SELECT" -> select();
            case "INSERT" -> insert();
            case "UPDATE" -> update();
            case "DELETE" -> delete();
            case "SET" -> set();
            case "SHOW" -> new Statement.Show(variable());
            default -> throw new SqlException("expected SELECT, got " + first.describe(), first.position());
        };
    }

    // SELECT

    private Statement select() {
        Projection projection = projection();
        if (!in.peek().isWord("FROM")) {
            throw in.unexpected("FROM");
        }
        in.next();
        List<Source> sources = sources();
        Expression where = where();
        long limit = in.acceptWord("LIMIT") ? limit() : Long.MAX_VALUE;
        return new Statement.Select(projection, sources, where, limit);
    }

    private Projection projection() {
        SqlToken first = in.peek();
        if (first.isSymbol("*")) {
            in.next();
            return all(null, first);
        }
        if (first.isWord("COUNT") && in.peekAfter(1).isSymbol("(")) {
            return count();
        }
        if (first.isWord("FROM")) {
            throw in.unexpected("a column or *");
        }
        List<Item> items = new ArrayList<>();
        do {
            if (in.peek().isSymbol("*")) {
                throw mixed(in.peek());
            }
            SqlToken start = in.peek();
            List<String> parts = in.nameParts("a column or *");
            if (parts.getLast().equals("*")) {
                if (!items.isEmpty()) {
                    throw mixed(first);
                }
                return all(String.join(".", parts.subList(0, parts.size() - 1)), first);
            }
            items.add(new Item(in.column(parts, start), in.alias()));
        } while (in.accept(","));
        return new Projection.Columns(items);
    }

    private Projection all(@Nullable String table, SqlToken first) {
        if (in.peek().isSymbol(",")) {
            throw mixed(first);
        }
        return new Projection.All(table, first.position());
    }

    private static SqlException mixed(SqlToken at) {
        return new SqlException("* cannot stand beside other columns", at.position());
    }

    private Projection count() {
        SqlToken function = in.next();
        in.expect("(");
        if (!in.accept("*")) {
            throw TokenReader.unsupported("COUNT of anything but *", function);
        }
        in.expect(")");
        String label = in.alias();
        if (label == null) {
            throw new SqlException("COUNT(*) needs a name: COUNT(*) AS n", function.position());
        }
        if (in.peek().isSymbol(",")) {
            throw TokenReader.unsupported("COUNT(*) beside other columns", in.peek());
        }
        return new Projection.Count(label, function.position());
    }

    private List<Source> sources() {
        List<Source> sources = new ArrayList<>();
        sources.add(new Source(in.tableName(), in.alias(), null));
        while (true) {
            if (in.peek().isSymbol(",")) {
                throw TokenReader.unsupported("a join by comma", in.peek());
            }
            if (in.acceptWord("CROSS")) {
                in.expectWord("JOIN");
                sources.add(new Source(in.tableName(), in.alias(), null));
            } else if (in.acceptWord("INNER")) {
                in.expectWord("JOIN");
                sources.add(joined());
            } else if (in.acceptWord("JOIN")) {
                sources.add(joined());
            } else {
                return sources;
            }
        }
    }

    private Source joined() {
        TableName table = in.tableName();
        String alias = in.alias();
        return new Source(table, alias, in.acceptWord("ON") ? joinOn() : null);
    }

    /** The equality may stand in parentheses. */
    private JoinOn joinOn() {
        SqlToken first = in.peek();
        if (new ConditionParser(in).parse()
                        instanceof
                        Expression.Comparison(
                                Statement.Operator operator,
                                Expression left,
                                Expression right,
                                int position)
                && operator == Statement.Operator.EQUAL
                && left instanceof Expression.Column leftColumn
                && right instanceof Expression.Column rightColumn) {
            return new JoinOn(leftColumn, rightColumn, position);
        }
        throw new SqlException(
                "ON takes one equality of two columns; other conditions belong after WHERE", first.position());
    }

    private @Nullable Expression where() {
        return in.acceptWord("WHERE") ? new ConditionParser(in).parse() : null;
    }

    private long limit() {
        SqlToken token = in.next();
        if (token.kind() != Kind.NUMBER) {
            throw new SqlException("LIMIT takes a number, not " + token.describe(), token.position());
        }
        return unsigned(token.text(), token.position(), "LIMIT")
                .min(BigInteger.valueOf(Long.MAX_VALUE))
                .longValueExact();
    }

    /** @throws SqlException if the text is no whole number that fits U64 */
    static BigInteger unsigned(String text, int position, String what) {
        BigDecimal number = Literals.decimal(text, position);
        boolean isShort = number.signum() == 0 || number.precision() - (long) number.scale() <= U64_DIGITS;
        if (!isShort
                || number.signum() < 0
                || number.stripTrailingZeros().scale() > 0
                || number.toBigInteger().compareTo(U64_MAX) > 0) {
            throw new SqlException(what + " takes a whole number up to 2^64 - 1, not " + text, position);
        }
        return number.toBigInteger();
    }

    // Changes

    private Statement insert() {
        in.expectWord("INTO");
        TableName table = in.tableName();
        if (!in.peek().isSymbol("(")) {
            throw in.unexpected("the list of columns");
        }
        in.next();
        int columnCount = 0;
        do {
            in.name("a column");
            columnCount++;
        } while (in.accept(","));
        in.expect(")");
        in.expectWord("VALUES");
        List<Row> rows = new ArrayList<>();
        do {
            rows.add(row());
        } while (in.accept(","));
        return new Statement.Insert(table, columnCount, rows);
    }

    private Row row() {
        int position = in.peek().position();
        in.expect("(");
        List<Expression.Literal> values = new ArrayList<>();
        do {
            values.add(requireLiteral());
        } while (in.accept(","));
        in.expect(")");
        return new Row(values, position);
    }

    private Expression.Literal requireLiteral() {
        if (in.peek().kind() == Kind.PARAMETER) {
            throw TokenReader.unsupported("a parameter as a value to write", in.peek());
        }
        Expression.Literal literal = in.literal();
        if (literal == null) {
            throw in.unexpected("a literal");
        }
        return literal;
    }

    private Statement update() {
        TableName table = in.tableName();
        requireNoAlias();
        in.expectWord("SET");
        List<Assignment> assignments = new ArrayList<>();
        do {
            int position = in.peek().position();
            Expression.Column column = new Expression.Column(null, in.name("a column"), position);
            in.expect("=");
            assignments.add(new Assignment(column, requireLiteral()));
        } while (in.accept(","));
        return new Statement.Update(table, assignments, where());
    }

    private Statement delete() {
        in.expectWord("FROM");
        TableName table = in.tableName();
        requireNoAlias();
        return new Statement.Delete(table, where());
    }

    private void requireNoAlias() {
        boolean isAlias = in.peek().isWord("AS")
                || (TokenReader.isName(in.peek()) && !in.peek().isWord("SET"));
        if (isAlias) {
            throw TokenReader.unsupported("an alias here", in.peek());
        }
    }

    private Statement set() {
        Variable variable = variable();
        if (!in.accept("=") && !in.acceptWord("TO")) {
            throw in.unexpected("=");
        }
        return new Statement.Set(variable, requireLiteral());
    }

    private Variable variable() {
        int position = in.peek().position();
        return new Variable(in.name("a variable"), position);
    }
}
