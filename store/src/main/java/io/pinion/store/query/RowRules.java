package io.pinion.store.query;

import io.pinion.store.query.SqlToken.Kind;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.List;

/** Checks the row-level rules of a module against its tables when it is published. */
public final class RowRules {
    private static final Caller OWNER = new Caller(Identity.ZERO, true);

    private RowRules() {}

    /**
     * What is wrong with the module's rules, one line for each that cannot be run. Rules with joins are not looked at:
     * queries cannot express them yet.
     *
     * @param tables those of the module
     */
    public static List<String> problems(ModuleDef module, Catalog tables) {
        List<String> problems = new ArrayList<>();
        for (String rule : module.rowLevelSecurity()) {
            try {
                if (!hasJoin(rule)) {
                    check(rule, tables);
                }
            } catch (SqlException e) {
                problems.add("the row-level rule \"" + rule + "\" cannot be run: " + e.getMessage());
            }
        }
        return problems;
    }

    private static boolean hasJoin(String rule) {
        return SqlLexer.tokens(rule).stream()
                .anyMatch(token -> token.kind() == Kind.WORD && token.text().equalsIgnoreCase("JOIN"));
    }

    private static void check(String rule, Catalog tables) {
        switch (SqlParser.parse(rule)) {
            case Statement.Select select -> SelectChecker.check(select, tables, OWNER);
        }
    }
}
