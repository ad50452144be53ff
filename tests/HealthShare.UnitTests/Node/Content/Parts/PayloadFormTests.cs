using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Node.Content.Parts;

namespace HealthShare.UnitTests.Node.Content.Parts;

/// <summary>A document's text in a message is made again byte for byte, or it is not taken out at all.</summary>
public sealed class PayloadFormTests
{
    private const byte Escape = (byte)'\\';

    private static readonly Gen<PayloadForm> Forms =
        from encoding in Gen.Elements(PayloadEncoding.Base64, PayloadEncoding.UpperHex, PayloadEncoding.LowerHex)
        from line in Gen.Elements(0, 1, 2, 3, 4, 7, 64, 76, 1000)
        from lineBreak in Gen.Elements(@"\.br\", @"\X0D0A\", @"\X0D\\X0A\", @"\\")
        from ends in ArbMap.Default.GeneratorFor<bool>()
        select line == 0 ? new PayloadForm(encoding) : new PayloadForm(encoding, line, lineBreak, ends);

    // Longer than a piece, too, so that lines run over the ends of pieces; with letters among its digits, which tell one hex from the other.
    private static readonly Gen<byte[]> Data =
        from length in Gen.OneOf(Gen.Choose(1, 300), Gen.Choose(PayloadWriter.PieceBytes - 3, PayloadWriter.PieceBytes + 3))
        from seed in ArbMap.Default.GeneratorFor<int>()
        select Bytes(length, seed);

    [Fact]
    public void Whatever_is_spelled_is_read_and_spelled_again_as_it_was() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(
        Forms.SelectMany(form => Data.Select(data => (form, data))).ToArbitrary(), one =>
        {
            var text = Spell(one.form, one.data);
            return PayloadForm.TryRead(text, DeclaredAs(one.form), Escape) is var (form, data) && data.AsSpan().SequenceEqual(one.data)
                && Spell(form, data).AsSpan().SequenceEqual(text) && form.IsValid && form.TextLength(data.Length) == text.Length;
        }));

    [Fact]
    public void Whatever_text_comes_it_is_spelled_again_exactly_or_left_alone() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(
        (from letters in Gen.ArrayOf(Gen.Elements("ABCDabcd0189+/=\\ .br\r\n-_zZ".ToCharArray()))
         from declared in Gen.Elements("Base64", "Hex", "base64", "HEX", "A", "")
         select (Text: new string(letters), declared)).ToArbitrary(),
        one => PayloadForm.TryRead(Encoding.ASCII.GetBytes(one.Text), one.declared, Escape) is not var (form, data)
            || Encoding.ASCII.GetString(Spell(form, data)) == one.Text));

    [Theory]
    [InlineData("QUJD", "A")] // not encoded
    [InlineData("QUJD", "")]
    [InlineData("", "Base64")]
    [InlineData("QUJ", "Base64")] // padding is missing
    [InlineData("QUJDR===", "Base64")]
    [InlineData("QR==", "Base64")] // stray bits: QQ== says the same
    [InlineData("QUJ=QUJD", "Base64")] // two texts
    [InlineData("QUJD QUJD", "Base64")]
    [InlineData("QUJD\tQUJD", "Base64")]
    [InlineData("QU-_", "Base64")] // the other alphabet
    [InlineData("====", "Base64")]
    [InlineData("4a4B", "Hex")] // both cases
    [InlineData("4A4", "Hex")]
    [InlineData("4G", "Hex")]
    [InlineData(@"QUJD\.br\QU\.br\JD", "Base64")] // lines of unequal length
    [InlineData(@"QUJD\.br\QUJD\.sp\QUJD", "Base64")] // unequal breaks
    [InlineData(@"QUJD\.br\QUJD\.br\\.br\", "Base64")]
    [InlineData(@"\.br\QUJD", "Base64")]
    [InlineData(@"QUJD\QUJD", "Base64")] // an escape without its end
    [InlineData(@"QUJD\", "Base64")]
    [InlineData(@"QUJD\X0000000000000000000000000000000000000000\QUJD", "Base64")]
    public void What_has_more_than_one_spelling_or_none_is_left_alone(string text, string declared) =>
        Assert.Null(PayloadForm.TryRead(Encoding.ASCII.GetBytes(text), declared, Escape));

    [Fact]
    public void Without_an_escape_character_a_backslash_is_no_break()
    {
        Assert.NotNull(PayloadForm.TryRead(@"QUJD\.br\QUJD"u8, "Base64", Escape));
        Assert.Null(PayloadForm.TryRead(@"QUJD\.br\QUJD"u8, "Base64", 0));
        Assert.NotNull(PayloadForm.TryRead("QUJD?.br?QUJD"u8, "Base64", (byte)'?'));
    }

    [Theory]
    [InlineData("application", "pdf", "x", "application/pdf")]
    [InlineData("Application", "PDF", "x", "application/pdf")]
    [InlineData("IM", "JPEG", "x", "image/jpeg")]
    [InlineData("image", "jpg", "x", "image/jpeg")]
    [InlineData("AP", "x-hl7-cda-level-one", "x", "application/x-hl7-cda-level-one")]
    [InlineData("TEXT", "html", "x", "text/html")]
    [InlineData("image", "dicom", "x", "application/dicom")]
    [InlineData("", "", "%PDF-1.7", "application/pdf")]
    [InlineData("NS", "Octet-stream", "x", "application/octet-stream")]
    [InlineData("application", "a\r\nSet-Cookie: b", "x", "application/octet-stream")]
    [InlineData("text", "html; charset=x", "%PDF-", "application/pdf")]
    [InlineData("image", "", "x", "application/octet-stream")]
    public void The_media_type_is_what_the_message_says_or_else_what_the_bytes_tell(string type, string subtype, string data, string expected) =>
        Assert.Equal(expected, MediaType.Of(type, subtype, Encoding.ASCII.GetBytes(data)));

    internal static byte[] Spell(PayloadForm form, byte[] data)
    {
        var text = new byte[form.TextLength(data.Length)];
        var writer = new PayloadWriter(form);
        var at = 0;
        foreach (var piece in data.Chunk(PayloadWriter.PieceBytes))
            at += writer.Write(piece, text.AsSpan(at));
        at += writer.End(text.AsSpan(at));
        Assert.Equal(text.Length, at);
        return text;
    }

    internal static string DeclaredAs(PayloadForm form) => form.Encoding is PayloadEncoding.Base64 ? "Base64" : "Hex";

    internal static byte[] Bytes(int length, int seed)
    {
        var data = new byte[length];
        new Random(seed).NextBytes(data);
        data[0] = 0xAB;
        return data;
    }
}
