package io.pinion.store.schema;

import static io.pinion.store.schema.RawModuleBuilder.aModule;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pinion.store.value.AlgebraicType.Primitive;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowRuleTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT * FROM t | t",
                "select * from \"t\"\"x\" where a = 'FROM' | t\"x",
                "SELECT t.* FROM t WHERE t.a = :sender | t",
                "SELECT x.* FROM t AS x | t",
                "SELECT x.* FROM t x JOIN u ON x.a = u.a | t",
                "SELECT u.* FROM t JOIN u ON t.a = u.a WHERE u.b = 1 | u",
                "SELECT y.* FROM t x INNER JOIN lib.u AS y ON x.a = y.a | lib.u",
                "SELECT lib.u.* FROM lib.u CROSS JOIN t | lib.u",
                "SELECT t.* FROM u JOIN v JOIN t ON t.a = v.a | t",
            })
    void aRuleYieldsRowsOfOneTable(String sql, String table) {
        assertEquals(Optional.of(table), RowRule.table(sql));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SELECT",
                "SELECT *",
                "SELECT * FROM",
                "SELECT a FROM t",
                "SELECT a.b FROM t",
                "SELECT x.* FROM t",
                "SELECT t.* FROM t AS x",
                "SELECT COUNT(*) AS n FROM t",
                "DELETE FROM t",
                "SELECT * FROM 1",
                "SELECT * FROM \"",
                "SELECT * FROM \"\"",
                "SELECT a. FROM t",
                "SELECT * FROM a.1",
                "SELECT x.* FROM t JOIN",
            })
    void whatIsNoQueryOfWholeRowsYieldsNone(String sql) {
        assertEquals(Optional.empty(), RowRule.table(sql));
    }

    @Test
    void aModulesRulesMustBeAboutItsTables() throws InvalidModuleDefException {
        RawModuleBuilder good = aModule()
                .table("fooBar", table -> table.column("id", Primitive.U64))
                .rowLevelSecurity("SELECT * FROM fooBar")
                .rowLevelSecurity("SELECT * FROM foo_bar WHERE id = 1");
        RawModuleBuilder bad = aModule()
                .table("t", table -> table.column("id", Primitive.U64))
                .rowLevelSecurity("SELECT id FROM t")
                .rowLevelSecurity("SELECT * FROM u");

        assertEquals(2, good.build().rowLevelSecurity().size());
        assertEquals(
                List.of(
                        "the row-level rule `SELECT * FROM u` yields rows of `u`, which is no table of this module",
                        "the row-level rule `SELECT id FROM t` is not a query of whole rows of one table"),
                assertThrows(InvalidModuleDefException.class, bad::build).reasons());
    }
}
