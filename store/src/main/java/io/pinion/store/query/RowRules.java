package io.pinion.store.query;

import io.pinion.store.query.LogicalSelect.Output;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Row-level rules, which say what callers other than the owner see of a table. Working them into a query makes it one
 * query, or fragment, per combination of one rule for each restricted table that it reads; the result is all of their
 * results together, with a row that two rules let through in it twice.
 *
 * <p>A rule takes the place of the table that it returns. Other tables that it reads have rules of their own, which are
 * worked in as well; a circle of them cannot be.
 */
public final class RowRules {
    private static final Caller OWNER = new Caller(Identity.ZERO, true);

    /** Most queries that one may become. */
    private static final int FRAGMENTS_MAX = 256;

    private final Catalog catalog;
    private final Caller caller;

    private RowRules(Catalog catalog, Caller caller) {
        this.catalog = catalog;
        this.caller = caller;
    }

    /** What stands for one table: a query whose rows are the table's visible ones. */
    private record Stand(List<Catalog.Table> tables, List<Condition> conditions, int returned, boolean usesCaller) {}

    /**
     * What is wrong with the module's rules, one line for each that cannot be run.
     *
     * @param tables those of the module
     */
    public static List<String> problems(ModuleDef module, Catalog tables) {
        List<String> problems = new ArrayList<>();
        for (String rule : module.rowLevelSecurity()) {
            try {
                SelectChecker.checkWholeRows(SqlParser.parse(rule), tables, OWNER);
            } catch (SqlException e) {
                problems.add("the row-level rule \"" + rule + "\" cannot be run: " + e.getMessage());
            }
        }
        return problems;
    }

    /**
     * The fragments that the query becomes for the caller; the owner's is the query itself.
     *
     * @throws SqlException if a rule cannot be run for the caller
     */
    static List<LogicalSelect> apply(LogicalSelect select, Catalog catalog, Caller caller) {
        if (caller.isOwner()
                || select.tables().stream().allMatch(table -> table.rowRules().isEmpty())) {
            return List.of(select);
        }
        RowRules rules = new RowRules(catalog, caller);
        List<List<Stand>> choices = select.tables().stream()
                .map(table -> rules.stands(table, Set.of()))
                .toList();
        List<LogicalSelect> fragments = new ArrayList<>();
        for (List<Stand> combination : combinations(choices)) {
            fragments.add(substitute(select, combination));
        }
        return List.copyOf(fragments);
    }

    /** @param within ids of the tables whose rules are being worked in */
    private List<Stand> stands(Catalog.Table table, Set<Integer> within) {
        if (table.rowRules().isEmpty()) {
            return List.of(itself(table));
        }
        if (within.contains(table.id())) {
            throw new SqlException("cyclic dependency: the row-level rules of " + table.name() + " need themselves", 0);
        }
        Set<Integer> deeper = new HashSet<>(within);
        deeper.add(table.id());
        List<Stand> stands = new ArrayList<>();
        for (String rule : table.rowRules()) {
            stands.addAll(stands(table, check(rule, table), deeper));
            requireFew(stands.size());
        }
        return List.copyOf(stands);
    }

    private static Stand itself(Catalog.Table table) {
        return new Stand(List.of(table), List.of(), 0, false);
    }

    private LogicalSelect check(String rule, Catalog.Table table) {
        try {
            return SelectChecker.checkWholeRows(SqlParser.parse(rule), catalog, caller);
        } catch (SqlException e) {
            throw new SqlException(e.problem() + ", in a row-level rule of " + table.name(), e.position());
        }
    }

    /** Those of one rule. The table that it returns is as it is wherever the rule reads it. */
    private List<Stand> stands(Catalog.Table table, LogicalSelect rule, Set<Integer> within) {
        List<List<Stand>> choices = rule.tables().stream()
                .map(read -> read.id() == table.id() ? List.of(itself(read)) : stands(read, within))
                .toList();
        int returned = ((Output.WholeRows) rule.output()).source();
        List<Stand> stands = new ArrayList<>();
        for (List<Stand> combination : combinations(choices)) {
            LogicalSelect whole = substitute(rule, combination);
            stands.add(new Stand(whole.tables(), whole.conditions(), place(combination, returned), whole.usesCaller()));
        }
        return stands;
    }

    private static List<List<Stand>> combinations(List<List<Stand>> choices) {
        List<List<Stand>> combinations = List.of(List.of());
        for (List<Stand> choice : choices) {
            requireFew((long) combinations.size() * choice.size());
            List<List<Stand>> longer = new ArrayList<>();
            for (List<Stand> combination : combinations) {
                for (Stand stand : choice) {
                    List<Stand> one = new ArrayList<>(combination);
                    one.add(stand);
                    longer.add(one);
                }
            }
            combinations = longer;
        }
        return combinations;
    }

    private static void requireFew(long count) {
        if (count > FRAGMENTS_MAX) {
            throw new SqlException("the row-level rules make more than " + FRAGMENTS_MAX + " queries of this one", 0);
        }
    }

    /** Where the table that stands for a source of the query is in the end. */
    private static int place(List<Stand> stands, int source) {
        return offset(stands, source) + stands.get(source).returned();
    }

    private static int offset(List<Stand> stands, int source) {
        return stands.stream()
                .limit(source)
                .mapToInt(stand -> stand.tables().size())
                .sum();
    }

    private static LogicalSelect substitute(LogicalSelect select, List<Stand> stands) {
        List<Catalog.Table> tables = new ArrayList<>();
        List<Condition> conditions = new ArrayList<>();
        boolean usesCaller = select.usesCaller();
        for (int i = 0; i < stands.size(); i++) {
            Stand stand = stands.get(i);
            int offset = offset(stands, i);
            tables.addAll(stand.tables());
            stand.conditions().forEach(condition -> conditions.add(condition.moved(source -> offset + source)));
            usesCaller |= stand.usesCaller();
        }
        if (tables.size() > LogicalSelect.TABLES_MAX) {
            throw new SqlException(
                    "with its row-level rules the query reads more than " + LogicalSelect.TABLES_MAX + " tables", 0);
        }
        select.conditions().forEach(condition -> conditions.add(condition.moved(source -> place(stands, source))));
        return new LogicalSelect(
                tables, conditions, moved(select.output(), stands), select.resultType(), select.limit(), usesCaller);
    }

    private static Output moved(Output output, List<Stand> stands) {
        return switch (output) {
            case Output.WholeRows(int source) -> new Output.WholeRows(place(stands, source));
            case Output.Columns(List<ColumnRef> columns) ->
                new Output.Columns(columns.stream()
                        .map(column -> new ColumnRef(place(stands, column.source()), column.column()))
                        .toList());
            case Output.Count count -> count;
        };
    }
}
