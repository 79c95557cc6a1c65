package io.pinion.store.query;

/** SQL text that cannot be run: the message names what is wrong and where. */
public final class SqlException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String problem;
    private final int position;

    /** @param position index of the offending character in the text, from 0 */
    public SqlException(String problem, int position) {
        super(problem + ", at position " + (position + 1));
        this.problem = problem;
        this.position = position;
    }

    private SqlException(SqlException cause, String sql) {
        super(cause.getMessage() + ", executing: `" + sql + "`", cause);
        this.problem = cause.problem;
        this.position = cause.position;
    }

    /** The same with the statement in its message, for those who have sent several. */
    SqlException executing(String sql) {
        return new SqlException(this, sql);
    }

    /** The message without the position. */
    public String problem() {
        return problem;
    }

    /** Index of the offending character in the text, from 0; the message counts from 1. */
    public int position() {
        return position;
    }
}
