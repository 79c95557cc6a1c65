package io.pinion.store.query;

import io.pinion.store.tx.Delta;
import io.pinion.store.tx.Delta.TableDelta;
import io.pinion.store.tx.RowList;
import io.pinion.store.tx.RowSource;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A subscribed query: its result now, and what each commit does to it. A query is one fragment, or several under row-level
 * rules; each has rows of its own, and a row that two of them yield is there twice.
 *
 * <p>Made for the tables of one schema; a schema change makes it worthless. Immutable; may be used on several threads at
 * once, each with a row source of its own. Two plans with equal keys yield the same.
 */
public final class SubscriptionPlan {
    private static final Pattern EVERYTHING =
            Pattern.compile("\\s*SELECT\\s*\\*\\s*FROM\\s*\\*\\s*;?\\s*", Pattern.CASE_INSENSITIVE);

    private final Key key;
    private final List<SubscribedFragment> fragments;

    private SubscriptionPlan(Key key, List<SubscribedFragment> fragments) {
        this.key = key;
        this.fragments = fragments;
    }

    /**
     * What plans that can be shared have in common.
     *
     * @param sql the text without white space around it
     * @param sender who asked, if the result depends on that
     * @param isOwner whether the owner asked and sees more than others
     */
    public record Key(String sql, @Nullable Identity sender, boolean isOwner) {}

    /**
     * Rows of a view that a plan reads: they must have been evaluated before it runs, and be kept up to date.
     *
     * @param argHash names the view's instance
     */
    public record ViewInstance(int tableId, String view, boolean isAnonymous, Bytes argHash) {}

    /**
     * Checks a query and plans it.
     *
     * @throws SqlException if the text is no query for whole rows of one table, does not fit the tables, reads what the
     *     caller may not see, reads more than two tables, or joins them without indexes
     */
    public static SubscriptionPlan compile(String sql, Catalog catalog, Caller caller) {
        String text = sql.strip();
        try {
            return compileText(text, catalog, caller);
        } catch (SqlException e) {
            throw e.executing(text);
        }
    }

    /**
     * Checks and plans the queries of a set: a text that is there twice once, and {@code SELECT * FROM *} as a query for
     * each table of the module that the caller may read, event tables left out.
     *
     * @throws SqlException as {@link #compile} does, for the first query that is refused
     */
    public static List<SubscriptionPlan> compileSet(List<String> queries, DatastoreCatalog catalog, Caller caller) {
        Set<String> texts = new LinkedHashSet<>();
        for (String sql : queries) {
            if (sql.isBlank()) {
                throw new SqlException("Empty string", 0);
            }
            if (EVERYTHING.matcher(sql).matches()) {
                catalog.readableTables(caller).forEach(name -> texts.add("SELECT * FROM " + name));
            } else {
                texts.add(sql.strip());
            }
        }
        return texts.stream().map(text -> compile(text, catalog, caller)).toList();
    }

    private static SubscriptionPlan compileText(String text, Catalog catalog, Caller caller) {
        LogicalSelect select = SelectChecker.checkWholeRows(SqlParser.parse(text), catalog, caller);
        List<LogicalSelect> queries = RowRules.apply(select, catalog, caller);
        boolean usesCaller = queries.stream().anyMatch(LogicalSelect::usesCaller);
        boolean seesMore = caller.isOwner() && select.tables().stream().anyMatch(SubscriptionPlan::hasMoreForOwner);
        Key key = new Key(text, usesCaller ? caller.identity() : null, seesMore);
        return new SubscriptionPlan(
                key, queries.stream().map(SubscribedFragment::of).toList());
    }

    private static boolean hasMoreForOwner(Catalog.Table table) {
        return !table.isPublic() || !table.rowRules().isEmpty() || table.idInPublic() != table.id();
    }

    public Key key() {
        return key;
    }

    List<SubscribedFragment> fragments() {
        return fragments;
    }

    /** Canonical name of the table or view whose rows these are. */
    public String tableName() {
        return table().name();
    }

    /** Of the table, or of the one behind the view. */
    public int tableId() {
        return table().id();
    }

    /** Whether rows are there only in the commit that made them. */
    public boolean isEvent() {
        return table().isEvent();
    }

    /** Of the rows, without references. */
    public Product rowType() {
        return table().visibleRow();
    }

    private Catalog.Table table() {
        return fragments.getFirst().table();
    }

    /** The instances of views that are read. */
    public Set<ViewInstance> views() {
        return fragments.stream()
                .flatMap(fragment -> fragment.select().views().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** About how many rows are looked at for the whole result, by the sizes that the tables have now. */
    public double cost(Catalog catalog) {
        return fragments.stream()
                .mapToDouble(fragment -> new JoinPlanner(fragment.select(), catalog::rowCount)
                        .plan()
                        .cost())
                .sum();
    }

    /** How the whole result is found, for people; see {@link SelectPlan#describe}. */
    public String describe() {
        return fragments.stream().map(fragment -> fragment.whole().describe()).collect(Collectors.joining("; "));
    }

    /**
     * The whole result, by fragment.
     *
     * @param limit counts the rows that are looked at; one for all queries of a set
     * @param bytesMax of the rows of a fragment
     * @throws SqlException if more rows would be looked at than the limit says, or they take more bytes
     */
    public List<RowList> initial(RowSource reads, ScanLimit limit, int bytesMax) {
        estimate(reads, limit);
        return fragments.stream()
                .map(fragment -> fragment.initial(reads, limit, bytesMax))
                .toList();
    }

    /** Tells the limit how many rows {@link #initial} will look at, as far as that is known; it may refuse them. */
    public void estimate(RowSource reads, ScanLimit limit) {
        if (limit.isSet()) {
            fragments.forEach(fragment -> limit.estimate(JoinRun.estimate(fragment.whole(), reads)));
        }
    }

    /**
     * What a commit did to the result, by fragment. With many plans see {@link SubscriptionSet}.
     *
     * @param reads the tables after the commit and before the next
     */
    public List<RowsChange> onCommit(Delta delta, RowSource reads) {
        List<RowsChange> changes = new ArrayList<>(fragments.size());
        for (SubscribedFragment fragment : fragments) {
            int count = fragment.select().tables().size();
            RowList[] inserted = new RowList[count];
            RowList[] deleted = new RowList[count];
            Arrays.setAll(inserted, source -> rows(delta, fragment, source).inserts());
            Arrays.setAll(deleted, source -> rows(delta, fragment, source).deletes());
            changes.add(fragment.change(inserted, deleted, reads));
        }
        return changes;
    }

    private static TableDelta rows(Delta delta, SubscribedFragment fragment, int source) {
        Catalog.Table table = fragment.select().tables().get(source);
        List<TableDelta> tables = table.view() == null ? delta.tables() : delta.views();
        for (TableDelta changed : tables) {
            if (changed.tableId() == table.id()) {
                return changed;
            }
        }
        return new TableDelta(table.id(), RowsChange.NONE.inserts(), RowsChange.NONE.deletes());
    }
}
