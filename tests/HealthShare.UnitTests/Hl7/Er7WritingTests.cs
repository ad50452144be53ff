using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Hl7;

namespace HealthShare.UnitTests.Hl7;

public sealed class Er7WritingTests
{
    private const string Sample = "\u000bMSH|^~\\&|APP|FAC\r\nPID|1||1^^^H~2\nZZZ|x\rOBX|1|ST|c||\"\"\r\u001c\r";

    [Theory]
    [InlineData("PID-3(2)", "9", "PID|1||1^^^H~9\n")]
    [InlineData("PID-3.4.2", "9", "PID|1||1^^^H&9~2\n")]
    [InlineData("PID-3(4).2", "9", "PID|1||1^^^H~2~~^9\n")]
    [InlineData("PID-6", "a|b^c~d\\e&f\rg", "PID|1||1^^^H~2|||a\\F\\b\\S\\c\\R\\d\\E\\e\\T\\f\\.br\\g\n")]
    [InlineData("PID-2.3.2", "x", "PID|1|^^&x|1^^^H~2\n")]
    [InlineData("PID-3", "", "PID|1|\n")]
    public void A_change_changes_only_its_place(string path, string text, string line)
    {
        if (text.Length == 0)
            line = "PID|1||\n";
        Assert.Equal(Sample.Replace("PID|1||1^^^H~2\n", line, StringComparison.Ordinal), Written(Parse(Sample).With(path, text)));
    }

    [Fact]
    public void Null_and_raw_bytes_are_written_as_they_shall_stand()
    {
        var message = Parse(Sample).WithNull("PID-5.1").WithRaw("OBX-5", "^IM^PNG^Base64^AAAA"u8);
        Assert.True(message.Get("PID-5").IsNull);
        Assert.Equal("AAAA", message.Get("OBX-5.5").Text);
    }

    [Fact]
    public void Segments_come_and_go_and_the_rest_keeps_its_bytes()
    {
        var message = Parse(Sample);
        Assert.Equal(Sample.Replace("ZZZ|x\r", "", StringComparison.Ordinal), Written(message.Without(message.Segment("ZZZ"u8))));
        var last = Parse("MSH|^~\\&|A\rPID|1\r");
        Assert.Equal("MSH|^~\\&|A\r", Written(last.Without(last.Segment("PID"u8))));
        Assert.Equal(Sample.Replace("PID|", "EVN|A01\r\nPID|", StringComparison.Ordinal), Written(message.WithSegment(0, "EVN|A01"u8)));
        Assert.Equal("MSH|^~\\&|A\rPID|1", Written(Parse("MSH|^~\\&|A").WithSegment(0, "PID|1"u8)));
    }

    [Theory]
    [InlineData("MSH-1", "x")]
    [InlineData("MSH-2", "x")]
    [InlineData("MSH-18", "x")]
    [InlineData("PV1-2", "x")]
    public void What_cannot_be_written_is_refused(string path, string text) => Assert.Throws<ArgumentException>(() => Parse(Sample).With(path, text));

    [Fact]
    public void Bytes_that_end_segments_and_characters_that_the_set_has_not_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Parse(Sample).WithRaw("PID-5", "a\rb"u8));
        Assert.Throws<ArgumentException>(() => Parse(Sample).WithRaw("PID-5", "a|b"u8));
        Assert.Throws<ArgumentException>(() => Parse(Sample).WithRaw("PID-3.4", "a^b"u8));
        Assert.Throws<ArgumentException>(() => Parse(Sample).WithSegment(0, "ZZZ|\u000b"u8));
        Assert.Throws<ArgumentException>(() => Parse(Sample).Without(Parse(Sample).Header));
        var latin = Er7Message.Parse("MSH|^~\\&|A|B|C|D|2024||ADT^A01|1|P|2.5||||||8859/1\rPID|1"u8.ToArray());
        Assert.Equal("é", latin.With("PID-5", "é").Get("PID-5").Text);
        Assert.DoesNotContain("Ł", Assert.Throws<ArgumentException>(() => latin.With("PID-5", "Ł")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Er7Message.Parse("MSH^~^S\rPID^1"u8.ToArray()).With("PID-3(2)", "x"));
    }

    [Fact]
    public void What_was_written_is_read_back_and_its_neighbours_stay() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500),
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), ArbMap.Default.ArbFor<(byte Field, byte Repetition, byte Component, byte Sub)>(), (text, at) =>
        {
            var value = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get)).Replace('\r', '\n').Replace('\u000b', ' ').Replace('\u001c', ' ').Replace('\u001b', ' ');
            var path = $"PID-{at.Field % 30 + 4}({at.Repetition % 4 + 1}).{at.Component % 6 + 1}.{at.Sub % 3 + 1}";
            var message = Parse(Sample).With(path, value);
            return message.Get(path).Text == value && message.Get("PID-3").RawText == "1^^^H~2" && message.Get("OBX-5").IsNull;
        }));

    private static string Written(Er7Message message) => Encoding.UTF8.GetString(message.Bytes.Span);

    private static Er7Message Parse(string text) => Er7Message.Parse(Encoding.UTF8.GetBytes(text));
}
