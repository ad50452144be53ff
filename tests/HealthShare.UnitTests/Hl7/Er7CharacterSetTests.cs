using System.Text;
using HealthShare.Hl7;

namespace HealthShare.UnitTests.Hl7;

public sealed class Er7CharacterSetTests
{
    static Er7CharacterSetTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    // In Shift JIS the second byte of 表 is '\', of 能 is '\', of ポ is '|'; in Big5 that of 功 is '\'; in GB 18030 two-byte letters end in '|' and '^'.
    [Theory]
    [InlineData("SHIFT_JIS", 932, "表能ポ", "一太郎")]
    [InlineData("BIG-5", 950, "功許", "淘")]
    [InlineData("GB 18030-2000", 54936, "騖鷟", "镕")]
    [InlineData("KS X 1001", 949, "홍", "길동")]
    public void Bytes_of_a_wide_character_are_no_delimiters(string declared, int codePage, string family, string given)
    {
        var message = Parse(Encoding.GetEncoding(codePage), declared, $"PID|1||77||{family}^{given}|後|F\rOBX|1|ST|||{family}\\T\\x");
        Assert.Equal((family, given, "F"), (message.Get("PID-5.1").Text, message.Get("PID-5.2").Text, message.Get("PID-7").Text));
        Assert.Equal(family + "&x", message.Get("OBX-5").Text);
    }

    [Fact]
    public void A_wide_character_before_the_declaration_does_not_hide_it()
    {
        var bytes = Encoding.GetEncoding(932).GetBytes("MSH|^~\\&|ポ|ポポ|C|D|20240101||ADT^A01|id-ポ|P|2.5||||||SHIFT_JIS\rPID|1||77||表^ポ|x|F");
        var message = Er7Message.Parse(bytes);
        Assert.Equal(("ポポ", "id-ポ", "ポ"), (message.Get("MSH-4").Text, message.Get("MSH-10").Text, message.Get("PID-5.2").Text));
        var answer = Er7Message.Parse(HealthShare.Hl7.Acknowledgements.Acknowledgement.Write(message, "AA", "1", DateTimeOffset.UnixEpoch));
        Assert.Equal(("ポポ", "id-ポ", "AA"), (answer.Get("MSH-6").Text, answer.Get("MSA-2").Text, answer.Get("MSA-1").Text));
    }

    [Fact]
    public void A_stray_byte_at_the_end_of_the_control_id_does_not_spoil_the_answer()
    {
        // MSH-10 ends in the first byte of a Big5 character; that it is one shows only when the header is read as it declares.
        byte[] bytes = [.. "MSH|^~\\&|A|B|C|D|2024||ADT^A01|1"u8, 0xC3, .. "|P|2.5||||||BIG-5|x\rPID|1"u8];
        var message = Er7Message.Parse(bytes);
        var answer = Er7Message.Parse(HealthShare.Hl7.Acknowledgements.Acknowledgement.Write(
            message, "AR", "1", DateTimeOffset.UnixEpoch, HealthShare.Hl7.Acknowledgements.MessageFault.Internal("No.")));
        Assert.Equal(message.Get("MSH-10").Raw.ToArray(), answer.Get("MSA-2").Raw.ToArray());
    }

    [Fact]
    public void What_is_no_text_of_the_declared_wide_set_is_read_as_undeclared()
    {
        // The last byte of the euro sign and the separator behind it would be one character of Big5.
        var message = Parse(Encoding.UTF8, "BIG-5", "PID|1||77||Zoë€^Größe€|x|F");
        Assert.Equal(("Zoë€", "Größe€", "F"), (message.Get("PID-5.1").Text, message.Get("PID-5.2").Text, message.Get("PID-7").Text));
    }

    [Fact]
    public void Iso_2022_in_the_text_switches_to_Kanji_and_back()
    {
        // 山田^太郎 as Japanese hospitals send it: 7-bit, with ESC $ B and ESC ( B; the byte 0x5E of a character is no component separator.
        var kanji = Encoding.GetEncoding(50220).GetBytes("山田哀").AsSpan();
        Assert.True(kanji.Contains((byte)'0'));
        byte[] text = [.. "MSH|^~\\&|A|B|C|D|2024||ADT^A01|1|P|2.5||||||~ISO IR87||ISO 2022-1994\rPID|1||77||"u8, .. kanji, .. "^"u8,
            .. Encoding.GetEncoding(50220).GetBytes("太郎"), .. "|x|F"u8];
        var message = Er7Message.Parse(text);
        Assert.Equal(("山田哀", "太郎", "F"), (message.Get("PID-5.1").Text, message.Get("PID-5.2").Text, message.Get("PID-7").Text));
    }

    [Fact]
    public void A_switch_that_does_not_switch_back_hides_no_field()
    {
        var message = Er7Message.Parse("MSH|^~\\&|A|B|C|D|2024||ADT^A01|1|P|2.5||||||~ISO IR87\rPID|1||77||\u001b$B;3|x|F\rPV1|1|I"u8.ToArray());
        Assert.Equal(("x", "F", "I"), (message.Get("PID-6").Text, message.Get("PID-7").Text, message.Get("PV1-2").Text));
    }

    [Theory]
    [InlineData(@"\M2442\;3ED\C2842\ plain", "山田 plain")]
    [InlineData(@"a\M242844\\C2842\b", "ab")]
    public void The_escape_sequences_of_HL7_switch_sets_too(string raw, string expected) =>
        Assert.Equal(expected, Er7Escapes.Decode(Encoding.ASCII.GetBytes(raw), Er7Delimiters.Standard, Encoding.UTF8));

    [Fact]
    public void Parts_of_ISO_8859_and_half_width_katakana_can_be_switched_to()
    {
        byte[] raw = [.. "\\C2D46\\"u8, 0xC1, .. "\\C2D4C\\"u8, 0xB0, .. "\\C2949\\"u8, 0xB1, .. "\\C2842\\z"u8];
        Assert.Equal("ΑАｱz", Er7Escapes.Decode(raw, Er7Delimiters.Standard, Encoding.UTF8));
    }

    [Fact]
    public void Windows_code_pages_are_known_by_name() =>
        Assert.Equal("€uro", Parse(Encoding.GetEncoding(1252), "WINDOWS-1252", "PID|1||77||€uro").Get("PID-5").Text);

    [Theory]
    [InlineData("M\0S\0H\0|\0")]
    [InlineData("\0M\0S\0H\0|")]
    public void Utf_16_without_a_mark_is_refused_by_name(string text)
    {
        Assert.False(Er7Message.TryParse(Encoding.Latin1.GetBytes(text), null, out _, out var error));
        Assert.Equal(Er7Fault.EncodingUnsupported, error!.Fault);
    }

    [Theory]
    [InlineData("MSH|^~\\&#|A", "abc#", true)]
    [InlineData("MSH|^~\\&#|A", "abc\\P\\", false)]
    [InlineData("MSH|^~\\&|A", "abc#", false)]
    public void A_truncated_value_says_so(string header, string value, bool truncated) =>
        Assert.Equal(truncated, Er7Message.Parse(Encoding.ASCII.GetBytes($"{header}\rPID|1||{value}")).Get("PID-3").IsTruncated);

    private static Er7Message Parse(Encoding encoding, string declared, string rest) =>
        Er7Message.Parse(encoding.GetBytes($"MSH|^~\\&|A|B|C|D|20240101||ADT^A01|1|P|2.5||||||{declared}\r{rest}"));
}
