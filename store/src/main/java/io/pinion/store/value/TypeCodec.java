package io.pinion.store.value;

import static io.pinion.store.value.AlgebraicType.element;
import static io.pinion.store.value.AlgebraicType.option;
import static io.pinion.store.value.AlgebraicType.product;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pinion.store.value.AlgebraicType.Array;
import io.pinion.store.value.AlgebraicType.Element;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.AlgebraicType.Product;
import io.pinion.store.value.AlgebraicType.Ref;
import io.pinion.store.value.AlgebraicType.Sum;
import io.pinion.store.value.BsatnException.Category;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Types as values: in module descriptions and system tables as BSATN, in schemas as JSON.
 *
 * <pre>
 *   tag u8 │ 0 Ref      u32 index
 *          │ 1 Sum      u32 count, then per variant: name (option of string), type
 *          │ 2 Product  u32 count, then per field:   name (option of string), type
 *          │ 3 Array    type
 *          │ 4 … 19     nothing
 * </pre>
 */
public final class TypeCodec {
    /** Entry 0 is the type of types, the sum above; that makes a type a value like any other. */
    public static final Typespace META_TYPESPACE;

    public static final AlgebraicType META_TYPE = new Ref(0);

    private static final Product META_PRODUCT;

    static {
        Product namedElement = product(element("name", option(Primitive.STRING)), element("algebraic_type", META_TYPE));
        META_PRODUCT = product(element("elements", new Array(namedElement)));
        META_TYPESPACE = new Typespace(List.of(metaType(namedElement)));
    }

    private static final int VARIANTS = Primitive.F64.tag() + 1;

    private TypeCodec() {}

    /** @throws BsatnException if there is no type, or one that nests deeper than {@value AlgebraicType#MAX_DEPTH} */
    public static AlgebraicType read(BsatnReader reader) {
        return read(reader, 0);
    }

    public static void write(BsatnWriter writer, AlgebraicType type) {
        switch (type) {
            case Ref(int index) -> writer.writeByte(AlgebraicType.REF_TAG).writeInt(index);
            case Sum(List<Element> variants) -> writeElements(writer.writeByte(AlgebraicType.SUM_TAG), variants);
            case Product(List<Element> elements) ->
                writeElements(writer.writeByte(AlgebraicType.PRODUCT_TAG), elements);
            case Array(AlgebraicType element) -> write(writer.writeByte(AlgebraicType.ARRAY_TAG), element);
            case Primitive primitive -> writer.writeByte(primitive.tag());
        }
    }

    public static Bytes toBsatn(AlgebraicType type) {
        BsatnWriter writer = new BsatnWriter();
        write(writer, type);
        return writer.toBytes();
    }

    /** Writes the native spelling: {@code {"U8":[]}}, {@code {"Ref":3}}, {@code {"Product":{"elements":[…]}}}. */
    public static void writeJson(JsonGenerator out, AlgebraicType type) throws IOException {
        Bytes bsatn = toBsatn(type);
        SatsJson.write(out, SatsJson.Spelling.NATIVE, META_TYPESPACE, META_TYPE, new BsatnReader(bsatn));
    }

    /** Writes what stands inside {@code {"Product":…}}, as the schema of rows does: {@code {"elements":[…]}}. */
    public static void writeProductJson(JsonGenerator out, Product product) throws IOException {
        BsatnWriter writer = new BsatnWriter();
        writeProduct(writer, product);
        BsatnReader reader = new BsatnReader(writer.buffer(), 0, writer.length());
        SatsJson.write(out, SatsJson.Spelling.NATIVE, META_TYPESPACE, META_PRODUCT, reader);
    }

    /** @throws SatsJsonException if the text is not a type in any accepted spelling */
    public static AlgebraicType readJson(String json) {
        BsatnWriter writer = new BsatnWriter();
        SatsJson.read(META_TYPESPACE, META_TYPE, json, writer);
        return read(new BsatnReader(writer.buffer(), 0, writer.length()));
    }

    /** Reads a product without its tag, as parameters and row types are written. */
    public static Product readProduct(BsatnReader reader) {
        return new Product(readElements(reader, 0));
    }

    /** As {@link #readProduct}. */
    public static void writeProduct(BsatnWriter writer, Product product) {
        writeElements(writer, product.elements());
    }

    private static AlgebraicType read(BsatnReader reader, int depth) {
        if (depth > AlgebraicType.MAX_DEPTH) {
            throw new BsatnException(
                    Category.TOO_DEEP,
                    "the type nests deeper than " + AlgebraicType.MAX_DEPTH + " at " + reader.position());
        }
        int tag = reader.readTag(VARIANTS, "a type");
        return switch (tag) {
            case AlgebraicType.REF_TAG -> new Ref(reader.readInt());
            case AlgebraicType.SUM_TAG -> new Sum(readElements(reader, depth));
            case AlgebraicType.PRODUCT_TAG -> new Product(readElements(reader, depth));
            case AlgebraicType.ARRAY_TAG -> new Array(read(reader, depth + 1));
            default -> Primitive.ofTag(tag);
        };
    }

    private static List<Element> readElements(BsatnReader reader, int depth) {
        long count = reader.readCount();
        List<Element> elements = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            elements.add(readElement(reader, depth));
        }
        return elements;
    }

    private static Element readElement(BsatnReader reader, int depth) {
        boolean named = reader.readTag(2, "a name") == 0;
        String name = named ? reader.readString() : null;
        return new Element(name, read(reader, depth + 1));
    }

    private static void writeElements(BsatnWriter writer, List<Element> elements) {
        writer.writeInt(elements.size());
        for (Element element : elements) {
            String name = element.name();
            if (name == null) {
                writer.writeByte(1);
            } else {
                writer.writeByte(0).writeString(name);
            }
            write(writer, element.type());
        }
    }

    private static Sum metaType(Product namedElement) {
        List<Element> variants = new ArrayList<>();
        variants.add(element("Ref", Primitive.U32));
        variants.add(element("Sum", product(element("variants", new Array(namedElement)))));
        variants.add(element("Product", META_PRODUCT));
        variants.add(element("Array", META_TYPE));
        for (Primitive primitive : Primitive.values()) {
            variants.add(element(primitive.spelling(), AlgebraicType.UNIT));
        }
        return new Sum(variants);
    }
}
