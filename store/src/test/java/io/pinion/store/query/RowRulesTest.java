package io.pinion.store.query;

import static io.pinion.store.schema.RawModuleBuilder.aModule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.Datastore;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowRulesTest {
    private static List<String> problems(String... rules) throws InvalidModuleDefException {
        var module = aModule()
                .table("notes", table -> table.column("id", Primitive.U64).column("owner", AlgebraicType.IDENTITY));
        for (String rule : rules) {
            module.rowLevelSecurity(rule);
        }
        ModuleDef definition = module.build();
        return RowRules.problems(definition, new DatastoreCatalog(Datastore.create(definition)));
    }

    @Test
    void rulesThatCanBeRunAreNoProblem() throws InvalidModuleDefException {
        assertEquals(
                List.of(),
                problems(
                        "SELECT * FROM notes WHERE owner = :sender",
                        "SELECT n.* FROM notes n WHERE n.id < 10",
                        "SELECT n.* FROM notes n JOIN notes m ON n.id = m.id"));
    }

    @Test
    void joinsAreCheckedLikeConditions() throws InvalidModuleDefException {
        List<String> problems = problems(
                "SELECT n.* FROM notes n JOIN notes m ON n.id = m.author",
                "SELECT n.* FROM notes n JOIN notes m ON n.id = m.owner",
                "SELECT n.* FROM notes n JOIN persons p ON n.id = p.id",
                "SELECT n.* FROM notes n JOIN notes m ON n.id = m.id WHERE m.id = 'x'");

        assertEquals(4, problems.size(), problems::toString);
        assertTrue(problems.get(0).contains("no column author"), problems.get(0));
        assertTrue(problems.get(1).contains("owner"), problems.get(1));
        assertTrue(problems.get(2).contains("persons"), problems.get(2));
        assertTrue(problems.get(3).contains("id = 'x'"), problems.get(3));
    }

    @Test
    void everyRuleThatCannotIsNamed() throws InvalidModuleDefException {
        List<String> problems =
                problems("SELECT * FROM notes WHERE author = :sender", "SELECT * FROM notes WHERE id = 'x'");

        assertEquals(2, problems.size());
        assertTrue(problems.getFirst().contains("no column author"), problems.getFirst());
        assertTrue(problems.getLast().contains("id = 'x'"), problems.getLast());
    }
}
