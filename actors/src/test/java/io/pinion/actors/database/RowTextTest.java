package io.pinion.actors.database;

import static io.pinion.store.value.AlgebraicType.element;
import static io.pinion.store.value.AlgebraicType.option;
import static io.pinion.store.value.AlgebraicType.product;
import static io.pinion.store.value.AlgebraicType.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pinion.actors.database.Database.TextFormat;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class RowTextTest {
    private static final AlgebraicType.Product EVERY_TYPE = product(
            element("flag", Primitive.BOOL),
            element("small", Primitive.I8),
            element("large", Primitive.U64),
            element("huge", Primitive.U256),
            element("half", Primitive.F32),
            element("whole", Primitive.F64),
            element("text", Primitive.STRING),
            element("bytes", new Array(Primitive.U8)),
            element("list", new Array(Primitive.U16)),
            element("none", option(Primitive.STRING)),
            element("some", option(Primitive.STRING)),
            element("choice", sum(element("a", Primitive.U8), element("b", product()))),
            element("nested", product(element("x", Primitive.I32), element("y, z", Primitive.BOOL))));

    private static Bytes row(String text, double whole) {
        BsatnWriter row = new BsatnWriter();
        row.writeBool(true).writeByte(-5).writeLong(-1);
        row.writeBigInteger(BigInteger.valueOf(255), 32);
        row.writeInt(Float.floatToRawIntBits(1.5f)).writeLong(Double.doubleToRawLongBits(whole));
        row.writeString(text);
        row.writeByteArray(Bytes.ofHex("00ff"));
        row.writeInt(2).writeByte(1).writeByte(0).writeByte(2).writeByte(0);
        row.writeByte(1);
        row.writeByte(0).writeString("");
        row.writeByte(1);
        row.writeInt(-7).writeBool(false);
        return row.toBytes();
    }

    private static String text(TextFormat format, Bytes... rows) throws IOException {
        StringWriter out = new StringWriter();
        RowText text = RowText.of(format, EVERY_TYPE, out);
        for (Bytes row : rows) {
            text.row(row.unsafeArray(), 0, row.length());
        }
        text.end();
        return out.toString();
    }

    @Test
    void everyTypeIsWrittenAsAJsonObjectOnALineOfItsOwn() throws IOException {
        assertEquals("""
                {"flag":true,"small":-5,"large":18446744073709551615,"huge":"0xff","half":1.5,"whole":0.1,\
                "text":"a \\"b\\", c\\n","bytes":"00ff","list":[1,2],"none":[1,{}],"some":[0,""],"choice":[1,{}],\
                "nested":{"x":-7,"y, z":false}}
                {"flag":true,"small":-5,"large":18446744073709551615,"huge":"0xff","half":1.5,"whole":null,\
                "text":"","bytes":"00ff","list":[1,2],"none":[1,{}],"some":[0,""],"choice":[1,{}],\
                "nested":{"x":-7,"y, z":false}}
                """, text(TextFormat.JSON_LINES, row("a \"b\", c\n", 0.1), row("", Double.NaN)));
    }

    @Test
    void everyTypeIsWrittenAsAFieldOfCsv() throws IOException {
        String header = "flag,small,large,huge,half,whole,text,bytes,list,none,some,choice,nested\r\n";
        assertEquals(
                header
                        + "true,-5,18446744073709551615,0xff,1.5,-Infinity,\"a \"\"b\"\", c\n\",00ff,\"[1,2]\",,\"\","
                        + "\"[1,{}]\",\"{\"\"x\"\":-7,\"\"y, z\"\":false}\"\r\n",
                text(TextFormat.CSV, row("a \"b\", c\n", Double.NEGATIVE_INFINITY)));
        assertEquals(header, text(TextFormat.CSV));
    }
}
