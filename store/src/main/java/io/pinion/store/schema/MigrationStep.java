package io.pinion.store.schema;

import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;
import io.pinion.store.value.Typespace;
import java.util.Locale;
import java.util.Optional;

/**
 * One thing that a migration does. Names are canonical, with the namespace of a submodule. Steps are carried out phase by
 * phase, in the order in which the phases are declared. Immutable.
 */
public sealed interface MigrationStep {
    enum Phase {
        REMOVAL,
        COLUMNS,
        ALIAS,
        ADDITION,
        ACCESS,
        PRIMARY_KEY,
        REFRESH,
        DISCONNECTION
    }

    Phase phase();

    /** One line for people. */
    String text();

    sealed interface Removal extends MigrationStep {
        @Override
        default Phase phase() {
            return Phase.REMOVAL;
        }
    }

    sealed interface ColumnChange extends MigrationStep {
        @Override
        default Phase phase() {
            return Phase.COLUMNS;
        }
    }

    sealed interface AliasChange extends MigrationStep {
        @Override
        default Phase phase() {
            return Phase.ALIAS;
        }
    }

    sealed interface Addition extends MigrationStep {
        @Override
        default Phase phase() {
            return Phase.ADDITION;
        }
    }

    sealed interface AccessChange extends MigrationStep {
        @Override
        default Phase phase() {
            return Phase.ACCESS;
        }
    }

    record RemoveView(String view) implements Removal {
        @Override
        public String text() {
            return "remove view " + view;
        }
    }

    record RemoveRowLevelRule(String sql) implements Removal {
        @Override
        public String text() {
            return "remove row-level rule " + sql;
        }
    }

    record RemoveSchedule(String table, String schedule) implements Removal {
        @Override
        public String text() {
            return "remove schedule " + schedule + " from table " + table;
        }
    }

    record RemoveConstraint(String table, String constraint) implements Removal {
        @Override
        public String text() {
            return "remove unique constraint " + constraint + " from table " + table;
        }
    }

    record RemoveIndex(String table, String index) implements Removal {
        @Override
        public String text() {
            return "remove index " + index + " from table " + table;
        }
    }

    record RemoveSequence(String table, String sequence) implements Removal {
        @Override
        public String text() {
            return "remove sequence " + sequence + " from table " + table;
        }
    }

    /** Fails if the table has rows when it is carried out. */
    record RemoveTable(String table) implements Removal {
        @Override
        public String text() {
            return "remove table " + table;
        }
    }

    /** Event tables have no rows that would have to fit. */
    record ChangeEventColumns(String table) implements ColumnChange {
        @Override
        public String text() {
            return "change the columns of event table " + table;
        }
    }

    /** Sums inside the column's type get more variants; the bytes of rows stay as they are. */
    record ExtendColumn(String table, String column) implements ColumnChange {
        @Override
        public String text() {
            return "add variants to the type of column " + column + " of table " + table;
        }
    }

    /**
     * A column at the end.
     *
     * @param initial what rows that are there get, BSATN
     */
    record AddColumn(String table, String column, AlgebraicType type, Bytes initial) implements ColumnChange {
        @Override
        public String text() {
            String json = SatsJson.toJson(SatsJson.Spelling.POSITIONAL, Typespace.EMPTY, type, initial);
            return "add column " + column + " to table " + table + ", " + json + " in every row";
        }
    }

    record ChangeTableAlias(String table, String from, String to) implements AliasChange {
        @Override
        public String text() {
            return "change the source name of table " + table + " from " + from + " to " + to;
        }
    }

    record ChangeColumnAlias(String table, String column, String from, String to) implements AliasChange {
        @Override
        public String text() {
            return "change the source name of column " + column + " of table " + table + " from " + from + " to " + to;
        }
    }

    record ChangeIndexAlias(String table, String index, String from, String to) implements AliasChange {
        @Override
        public String text() {
            return "change the source name of index " + index + " of table " + table + " from " + from + " to " + to;
        }
    }

    record AddTable(String table) implements Addition {
        @Override
        public String text() {
            return "add table " + table;
        }
    }

    record AddIndex(String table, String index) implements Addition {
        @Override
        public String text() {
            return "add index " + index + " to table " + table;
        }
    }

    /** Fails if rows have the same key when it is carried out. */
    record AddConstraint(String table, String constraint) implements Addition {
        @Override
        public String text() {
            return "add unique constraint " + constraint + " to table " + table;
        }
    }

    /** Fails if a row holds a value in the sequence's range when it is carried out. */
    record AddSequence(String table, String sequence) implements Addition {
        @Override
        public String text() {
            return "add sequence " + sequence + " to table " + table;
        }
    }

    /** What is due is reckoned anew from the rows. */
    record AddSchedule(String table, String schedule) implements Addition {
        @Override
        public String text() {
            return "add schedule " + schedule + " to table " + table;
        }
    }

    record AddView(String view) implements Addition {
        @Override
        public String text() {
            return "add view " + view;
        }
    }

    record AddRowLevelRule(String sql) implements Addition {
        @Override
        public String text() {
            return "add row-level rule " + sql;
        }
    }

    record ChangeTableAccess(String table, TableAccess access) implements AccessChange {
        @Override
        public String text() {
            return "make table " + table + " " + access.name().toLowerCase(Locale.ROOT);
        }
    }

    record ChangeViewAccess(String view, boolean isPublic) implements AccessChange {
        @Override
        public String text() {
            return "make view " + view + " " + (isPublic ? "public" : "private");
        }
    }

    /** @param column empty for none */
    record ChangePrimaryKey(String table, Optional<String> column) implements MigrationStep {
        @Override
        public Phase phase() {
            return Phase.PRIMARY_KEY;
        }

        @Override
        public String text() {
            return column.map(name -> "make column " + name + " the primary key of table " + table)
                    .orElseGet(() -> "remove the primary key of table " + table);
        }
    }

    /** The view is the same to clients, but its function may compute something else now. */
    record RefreshView(String view) implements MigrationStep {
        @Override
        public Phase phase() {
            return Phase.REFRESH;
        }

        @Override
        public String text() {
            return "evaluate view " + view + " again";
        }
    }

    /** Clients would misunderstand what they now get. */
    record DisconnectClients() implements MigrationStep {
        @Override
        public Phase phase() {
            return Phase.DISCONNECTION;
        }

        @Override
        public String text() {
            return "disconnect all clients";
        }
    }
}
