using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Policy;
using HealthShare.Policy.Json;

namespace HealthShare.UnitTests.Policy;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{ "b" : 1, "a" : [ true , null ] }""", """{"a":[true,null],"b":1}""")]
    [InlineData("""{"a":-0}""", """{"a":0}""")]
    [InlineData("""{"a":9007199254740991,"b":-9007199254740991}""", """{"a":9007199254740991,"b":-9007199254740991}""")]
    [InlineData("""["\u0041\u00e9\/\u2028"]""", "[\"Aé/\u2028\"]")]
    [InlineData("""["\u0000\u001F\b\t\n\f\r\"\\\u007f"]""", "[\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\\u007f\"]")]
    // RFC 8785 section 3.2.3: names sort by UTF-16 code units, so the emoji (D83D…) comes before U+FB33.
    [InlineData("""{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}""",
        "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}")]
    public void The_canonical_form_is_that_of_RFC_8785(string json, string canonical)
    {
        var bytes = CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(json));
        Assert.Equal(canonical, Encoding.UTF8.GetString(bytes));
        Assert.True(CanonicalJson.IsCanonical(bytes));
        Assert.Equal(json == canonical, CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(json)));
    }

    [Theory]
    [InlineData("""{"a":1,"a":1}""", "json.duplicate_name")]
    [InlineData("""{"a":1,"\u0061":2}""", "json.duplicate_name")]
    [InlineData("""{"x":{"a":1,"b":2,"a":3}}""", "json.duplicate_name")]
    [InlineData("[1.0]", "json.not_integer")]
    [InlineData("[1e2]", "json.not_integer")]
    [InlineData("[9007199254740992]", "json.not_integer")]
    [InlineData("[99999999999999999999999]", "json.not_integer")]
    [InlineData("""["\ud800"]""", "json.malformed")]
    [InlineData("""{"\udc00":1}""", "json.malformed")]
    [InlineData("""{"a":1}x""", "json.malformed")]
    [InlineData("""{"a":1,}""", "json.malformed")]
    [InlineData("// no comments\n1", "json.malformed")]
    [InlineData("[01]", "json.malformed")]
    [InlineData("[NaN]", "json.malformed")]
    [InlineData("", "json.malformed")]
    [InlineData("\ufeff{}", "json.malformed")]
    public void What_cannot_be_canonical_is_refused(string json, string code) =>
        Assert.Equal(code, Refusal(Encoding.UTF8.GetBytes(json)).Code);

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused()
    {
        Assert.Equal("json.malformed", Refusal([(byte)'"', 0xC3, (byte)'"']).Code);
        Assert.Equal("json.malformed", Refusal([(byte)'"', 0xC0, 0x80, (byte)'"']).Code); // overlong
        Assert.Equal("json.malformed", Refusal([(byte)'"', 0xED, 0xA0, 0x80, (byte)'"']).Code); // surrogate
    }

    [Fact]
    public void Depth_and_size_are_bounded()
    {
        static byte[] Nested(int depth) => Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));
        Assert.True(CanonicalJson.IsCanonical(Nested(CanonicalJson.MaxDepth)));
        Assert.Equal("json.too_deep", Refusal(Nested(CanonicalJson.MaxDepth + 1)).Code);
        Assert.Equal("json.too_deep", Refusal(Nested(CanonicalJson.MaxBytes / 2)).Code);
        Assert.Equal("json.malformed", Refusal(Nested(10_000).AsMemory(1).ToArray()).Code); // deep, and not JSON either
        Assert.Equal("json.malformed", Refusal(Nested(10_000).AsMemory(0, 10_000).ToArray()).Code);
        Assert.Equal("json.too_large", Refusal(new byte[CanonicalJson.MaxBytes + 1]).Code);
    }

    [Fact]
    public void The_canonical_form_is_its_own_canonical_form() => Check.QuickThrowOnFailure(Prop.ForAll(Json.ToArbitrary(), json =>
    {
        var once = CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(json));
        return once.AsSpan().SequenceEqual(CanonicalJson.Canonicalize(once)) && CanonicalJson.IsCanonical(once);
    }));

    [Fact]
    public void Any_bytes_are_canonicalized_or_refused_and_nothing_else_is_thrown() =>
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            try { return CanonicalJson.Canonicalize(bytes).Length > 0; }
            catch (PolicyException e) { return e.Code.StartsWith("json.", StringComparison.Ordinal); }
        }));

    private static PolicyException Refusal(byte[] json)
    {
        Assert.False(CanonicalJson.IsCanonical(json));
        return Assert.Throws<PolicyException>(() => CanonicalJson.Canonicalize(json));
    }

    private static Gen<string> Json => Gen.Sized(size => Value(Math.Min(size, 20)));

    private static Gen<string> Value(int size)
    {
        var text = ArbMap.Default.GeneratorFor<UnicodeString>().Select(t => System.Text.Json.JsonSerializer.Serialize(
            new string((t.Item ?? "").Where(c => !char.IsSurrogate(c)).ToArray())));
        var leaf = Gen.OneOf(text, Gen.Choose(-1000, 1000).Select(n => n.ToString()), Gen.Elements("true", "false", "null"));
        if (size < 2)
            return leaf;
        var inner = Value(size / 3).ListOf(3);
        return Gen.OneOf(leaf, inner.Select(items => $"[{string.Join(" , ", items)}]"),
            inner.Select(items => $"{{{string.Join(", ", items.Select((item, i) => $"\"{(char)('z' - i)}\" : {item}"))}}}"));
    }
}
