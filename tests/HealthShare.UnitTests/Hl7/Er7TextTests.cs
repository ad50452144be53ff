using System.Buffers;
using System.Text;
using HealthShare.Hl7;

namespace HealthShare.UnitTests.Hl7;

public sealed class Er7TextTests
{
    [Theory]
    [InlineData(@"a\F\b\S\c\T\d\R\e\E\f", @"a|b^c&d~e\f")]
    [InlineData(@"\F\\S\\R\\E\\T\abcd\U\", @"|^~\&abcd\U\")]
    [InlineData(@"\H\bold\N\ plain", "bold plain")]
    [InlineData(@"one\.br\two\.sp2\three\.sk 3\four", "one\ntwo\n\nthree   four")]
    [InlineData(@"\.in+4\\.ti-2\\.fi\\.nf\text\.ce\", "text\n")]
    [InlineData(@"\X41\\X4243\\X0d0A\", "ABC\r\n")]
    [InlineData(@"caf\XC3A9\ and \XC3\\XA9\", "café and é")]
    [InlineData(@"caf\XE9\", "café")]
    [InlineData(@"\X4\ \XZZ\ \X\", @"\X4\ \XZZ\ \X\")]
    [InlineData(@"\C9999\ \M015F\ \M24\ \Zlocal\", @"\C9999\ \M015F\ \M24\ \Zlocal\")]
    [InlineData(@"\C2842\plain", "plain")]
    [InlineData(@"C:\dir\file", @"C:\dir\file")]
    [InlineData(@"50% \ rest \F", @"50% \ rest \F")]
    [InlineData(@"\", @"\")]
    [InlineData(@"\\\\", @"\\\\")]
    [InlineData(@"\.xx\ \.\ \.br5x\", @"\.xx\ \.\ \.br5x\")]
    [InlineData(@"\P\", @"\P\")]
    public void Escapes_are_resolved_and_what_is_none_stays(string raw, string expected) =>
        Assert.Equal(expected, Er7Escapes.Decode(Encoding.UTF8.GetBytes(raw), Er7Delimiters.Standard, Encoding.UTF8));

    [Fact]
    public void A_huge_repeat_count_makes_no_huge_text() =>
        Assert.Equal(100, Er7Escapes.Decode(@"\.sp999999999\"u8, Er7Delimiters.Standard, Encoding.UTF8).Length);

    [Fact]
    public void A_truncation_character_is_resolved_where_the_message_has_one() =>
        Assert.Equal("a#", Er7Escapes.Decode(@"a\P\"u8, Er7Delimiters.Standard with { Truncation = (byte)'#' }, Encoding.UTF8));

    [Theory]
    [InlineData("plain")]
    [InlineData(@"a|b^c&d~e\f")]
    [InlineData("line\nline")]
    public void Encoded_text_decodes_to_itself_and_holds_no_delimiter(string text)
    {
        var output = new ArrayBufferWriter<byte>();
        Er7Escapes.Encode(Encoding.UTF8.GetBytes(text), Er7Delimiters.Standard, output);
        Assert.DoesNotContain(Encoding.UTF8.GetString(output.WrittenSpan), c => c is '|' or '^' or '&' or '~' or '\r' or '\n');
        Assert.Equal(text, Er7Escapes.Decode(output.WrittenSpan, Er7Delimiters.Standard, Encoding.UTF8));
    }

    [Theory]
    [InlineData("", "Zoë", true, "Zoë")]
    [InlineData("", "Zoë", false, "Zoë")]
    [InlineData("UNICODE UTF-8", "Zoë", true, "Zoë")]
    [InlineData("UNICODE UTF-8", "Zoë", false, "Zoë")]
    [InlineData("8859/1", "Zoë", false, "Zoë")]
    [InlineData("8859/1", "Zoë", true, "Zoë")]
    [InlineData("   8859/1", "Zo\\XEB\\", false, "Zoë")]
    [InlineData("ASCII", "Zoë", false, "Zoë")]
    [InlineData("UTF-8~UNICODE", "Zoë", true, "Zoë")]
    [InlineData("NO SUCH SET", "Zoë", false, "Zoë")]
    public void The_character_set_is_declared_and_the_bytes_overrule_it(string declared, string name, bool utf8, string expected)
    {
        var text = $"MSH|^~\\&|A|B|C|D|20240101||ADT^A01|1|P|2.5||||||{declared}\rPID|1||1||DOE^{name}";
        var message = Er7Message.Parse((utf8 ? Encoding.UTF8 : Encoding.Latin1).GetBytes(text));
        Assert.Equal(expected, message.Get("PID-5.2").Text);
    }

    [Fact]
    public void Another_part_of_ISO_8859_is_taken_at_its_word()
    {
        var bytes = Encoding.Latin1.GetBytes("MSH|^~\\&|A|B|C|D|20240101||ADT^A01|1|P|2.5||||||8859/2\rPID|1||1||\u00a3ukasz");
        Assert.Equal("Łukasz", Er7Message.Parse(bytes).Get("PID-5.1").Text);
    }
}
