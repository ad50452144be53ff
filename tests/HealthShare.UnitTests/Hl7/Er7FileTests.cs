using System.Text;
using HealthShare.Hl7;
using static HealthShare.Hl7.Er7PieceKind;

namespace HealthShare.UnitTests.Hl7;

public sealed class Er7FileTests
{
    [Fact]
    public void A_batch_is_split_at_its_headers_and_its_envelope_is_recognised()
    {
        var pieces = Split("FHS|^~\\&|a\rBHS|^~\\&|b\nMSH|^~\\&|1\r\nPID|1\r\nMSH|^~\\&|2\rPID|2\rBTS|2\rFTS|1\r");
        Assert.Equal([FileHeader, BatchHeader, Message, Message, BatchTrailer, FileTrailer], pieces.Select(p => p.Kind));
        Assert.Equal("MSH|^~\\&|1\r\nPID|1", Encoding.UTF8.GetString(pieces[2].Bytes.Span));
        Assert.Equal("MSH|^~\\&|2\rPID|2", Encoding.UTF8.GetString(pieces[3].Bytes.Span));
    }

    [Fact]
    public void Lines_of_no_message_are_told_and_not_dropped()
    {
        var pieces = Split("noise\rmore\rMSH|^~\\&|1\rPID|1\rBTS|1\rQRD|x\rMSH|^~\\&|2");
        Assert.Equal([Stray, Message, BatchTrailer, Stray, Message], pieces.Select(p => p.Kind));
        Assert.Equal("noise\rmore", Encoding.UTF8.GetString(pieces[0].Bytes.Span));
    }

    [Fact]
    public void Frames_in_a_file_part_messages_from_noise()
    {
        var pieces = Split("\u000bMSH|^~\\&|1\rPID|1\r\u001c\rnoise\r\u000bMSH|^~\\&|2\rPID|2\u001c\r");
        Assert.Equal([Message, Stray, Message], pieces.Select(p => p.Kind));
        Assert.All(pieces, p => Assert.False(p.Bytes.Span.ContainsAny((byte)0x0B, (byte)0x1C)));
    }

    [Fact]
    public void Nothing_gives_nothing() => Assert.Empty(Split("\r\n\u000b\u001c\r"));

    private static List<Er7Piece> Split(string text) => Er7File.Split(Encoding.UTF8.GetBytes(text));
}
