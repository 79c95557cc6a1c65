package io.pinion.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class SqlTableTest {
    @Test
    void columnsAreAlignedNumbersToTheRight() throws JsonProcessingException {
        assertEquals("""
                id | owner
                ---+------
                 1 | Ann
                12 | Bo\\nb
                (2 rows)""", render("""
                {"schema":{"elements":[
                  {"name":{"some":"id"},"algebraic_type":{"U64":[]}},
                  {"name":{"some":"owner"},"algebraic_type":{"String":[]}}]},
                 "rows":[[1,"Ann"],[12,"Bo\\nb"]]}"""));
    }

    @Test
    void noRowsLeaveTheHead() throws JsonProcessingException {
        assertEquals("""
                id
                --
                (0 rows)""", render("""
                {"schema":{"elements":[{"name":{"some":"id"},"algebraic_type":{"U64":[]}}]},"rows":[]}"""));
    }

    @Test
    void aChangeIsItsCounts() throws JsonProcessingException {
        assertEquals("1 inserted, 2 updated, 3 deleted", render("""
                {"schema":{"elements":[]},"rows":[],
                 "stats":{"rows_inserted":1,"rows_deleted":3,"rows_updated":2}}"""));
    }

    @Test
    void specialTypesAreReadable() throws JsonProcessingException {
        assertEquals(
                "0000000000000000000000000000000000000000000000000000000000000012",
                value(special("__identity__", "U256"), "[\"0x12\"]"));
        assertEquals("0000000000000000000000000000000c", value(special("__connection_id__", "U128"), "[12]"));
        assertEquals(
                "2025-01-23T20:56:09.123456Z",
                value(special("__timestamp_micros_since_unix_epoch__", "I64"), "[1737665769123456]"));
        assertEquals("PT1.5S", value(special("__time_duration_micros__", "I64"), "[1500000]"));
        assertEquals("00000000-0000-0000-0000-00000000000c", value(special("__uuid__", "U128"), "[12]"));
    }

    @Test
    void sumsProductsAndArraysAreReadable() throws JsonProcessingException {
        String unit = "{\"Product\":{\"elements\":[]}}";
        String option = "{\"Sum\":{\"variants\":[{\"name\":{\"some\":\"some\"},\"algebraic_type\":{\"U8\":[]}},"
                + "{\"name\":{\"some\":\"none\"},\"algebraic_type\":" + unit + "}]}}";
        assertEquals("5", value(option, "[0,5]"));
        assertEquals("none", value(option, "[1,[]]"));
        assertEquals("[5, none]", value("{\"Array\":" + option + "}", "[[0,5],[1,[]]]"));
        assertEquals("0x0aff", value("{\"Array\":{\"U8\":[]}}", "\"0aff\""));
        String point = "{\"Product\":{\"elements\":[{\"name\":{\"some\":\"x\"},\"algebraic_type\":{\"I32\":[]}},"
                + "{\"name\":{\"some\":\"y\"},\"algebraic_type\":{\"I32\":[]}}]}}";
        assertEquals("{x: 1, y: -2}", value(point, "[1,-2]"));
        assertEquals("5", value("{\"U256\":[]}", "\"5\""));
    }

    private static String special(String field, String type) {
        return "{\"Product\":{\"elements\":[{\"name\":{\"some\":\"" + field + "\"},\"algebraic_type\":{\"" + type
                + "\":[]}}]}}";
    }

    private static String value(String type, String value) throws JsonProcessingException {
        ObjectMapper json = new ObjectMapper();
        return ValueText.of(json.readTree(type), json.readTree(value));
    }

    private static String render(String result) throws JsonProcessingException {
        return SqlTable.render(new ObjectMapper().readTree(result));
    }
}
