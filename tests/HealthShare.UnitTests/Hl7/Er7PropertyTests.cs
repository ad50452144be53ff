using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Hl7.Mllp;
using HealthShare.Hl7.Values;

namespace HealthShare.UnitTests.Hl7;

/// <summary>Laws that hold for any bytes. The number of cases grows with the variable <c>HEALTHSHARE_CASES</c> for long runs.</summary>
public sealed class Er7PropertyTests
{
    private static readonly Config Cases = Config.QuickThrowOnFailure.WithMaxTest(
        int.TryParse(Environment.GetEnvironmentVariable("HEALTHSHARE_CASES"), out var cases) ? cases : 1500);

    private static readonly byte[] Seed = Encoding.UTF8.GetBytes(
        "MSH|^~\\&#|APP|FAC&1&ISO|R|F|20240102030405+0100||ORU^R01^ORU_R01|M1|P|2.5.1|||AL|NE||UNICODE UTF-8\r" +
        "PID|1||1^^^H&2&ISO^MR~2||Dö\\F\\e^J\\X41\\||\"\"\nOBR|1||||||2024|||||||||||||||||LAB\r\nOBX|1|ED|c^t^LN||a^b^\\.br\\c&d~e\r");

    // Sets switched in the text, wide characters whose second byte is a delimiter, an envelope and a continued segment.
    private static readonly byte[] StrangeSeed =
    [
        .. "BHS|^~\\&|a\rMSH|^~\\&|A|B|C|D|2024||ADT^A01|1|P|2.5||p-1||||~ISO IR87\rPID|1||7||\u001b$B;3^ED\u001b(B^\\M2442\\;3\\C2842\\|x\r"u8.ToArray(),
        .. "ADD|more\rDSC|p-2|F\rBTS|2\rMSH|^~\\&|A|B|C|D|2024||ADT^A01|1|P|2.5||||||BIG-5\rPID|1||7||"u8.ToArray(), 0xA5, 0x5C, 0xB3, 0x5C, (byte)'^', 0xA5, 0x7C, (byte)'|',
    ];

    [Fact]
    public void Random_bytes_never_crash_anything() =>
        Check.One(Cases, Prop.ForAll(Bytes(Gen.Choose(0, 255).Select(b => (byte)b)).ToArbitrary(), Explore));

    [Fact]
    public void Mutated_messages_never_crash_anything() =>
        Check.One(Cases, Prop.ForAll(Gen.OneOf(Mutations(), Mutations(StrangeSeed)).ToArbitrary(), Explore));

    [Fact]
    public void Pieces_and_segments_cover_every_byte_that_is_no_line_end_or_framing() =>
        Check.One(Cases, Prop.ForAll(Mutations().ToArbitrary(), bytes =>
        {
            var covered = Er7File.Split(bytes).Sum(piece => piece.Bytes.Span.ToArray().Count(NoEdge));
            return covered == bytes.Count(NoEdge);
        }));

    [Fact]
    public void A_field_is_its_parts_joined_by_their_delimiters() =>
        Check.One(Cases, Prop.ForAll(Mutations().ToArbitrary(), bytes =>
        {
            if (!Er7Message.TryParse(bytes, null, out var message, out _))
                return true;
            for (var s = 0; s < message!.SegmentCount; s++)
            {
                var segment = message[s];
                for (var f = segment.Identifier.SequenceEqual("MSH"u8) ? 3 : 1; f <= segment.FieldCount; f++)
                {
                    var field = segment.Field(f);
                    var parts = Enumerable.Range(1, field.RepetitionCount).Select(r => Encoding.Latin1.GetString(field.Repetition(r).Raw));
                    if (string.Join((char)message.Delimiters.Repetition, parts) != Encoding.Latin1.GetString(field.Raw))
                        return false;
                }
            }
            return true;
        }));

    [Fact]
    public void Any_text_survives_encoding_and_decoding() =>
        Check.One(Cases, Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text =>
        {
            var valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get)).Replace('\r', '\n');
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            Er7Escapes.Encode(Encoding.UTF8.GetBytes(valid), Er7Delimiters.Standard, output);
            return Er7Escapes.Decode(output.WrittenSpan, Er7Delimiters.Standard, Encoding.UTF8) == valid;
        }));

    private static bool NoEdge(byte value) => value is not ((byte)'\r' or (byte)'\n' or 0x0B or 0x1C or 0xEF or 0xBB or 0xBF);

    private static Gen<byte[]> Bytes(Gen<byte> one) => Gen.Sized(size => Gen.ArrayOf(one, size * 4));

    private static Gen<byte[]> Mutations() => Mutations(Seed);

    private static Gen<byte[]> Mutations(byte[] seed)
    {
        var interesting = Gen.Elements<byte>([.. "|^~\\&#\r\nMSHPIDOBX\"X.+-0"u8.ToArray(), 0x0B, 0x1C, 0x00, 0xC3, 0xEF, 0xFF]);
        var edit = from at in Gen.Choose(0, seed.Length - 1)
                   from kind in Gen.Choose(0, 3)
                   from value in interesting
                   from length in Gen.Choose(1, 20)
                   select (at, kind, value, length);
        return Gen.ListOf(edit).Select(edits =>
        {
            var bytes = seed.ToList();
            foreach (var (position, kind, value, length) in edits)
            {
                var at = bytes.Count == 0 ? 0 : position % bytes.Count;
                var count = Math.Min(length, bytes.Count - at);
                if (kind == 0)
                    bytes.Insert(at, value);
                else if (kind == 1)
                    bytes.RemoveRange(at, count);
                else if (kind == 2 && count > 0)
                    bytes[at] = value;
                else
                    bytes.AddRange(bytes.GetRange(at, count));
            }
            return bytes.ToArray();
        });
    }

    /// <summary>Reads everything that can be read; the property is that nothing throws but what is documented.</summary>
    private static bool Explore(byte[] bytes)
    {
        var pieces = Er7File.Split(bytes);
        Assert.All(Er7Envelopes.Check(pieces), error => Assert.InRange(error.Offset, 0, bytes.Length));
        foreach (var piece in pieces)
        {
            var readable = Er7Message.TryParse(piece.Bytes, null, out var message, out var error);
            Assert.Equal(readable, error is null);
            message ??= Er7Message.ParseHeader(piece.Bytes);
            Acknowledge(message, error);
            if (message is null)
                continue;
            if (readable)
                Change(message);
            for (var s = 0; s < message.SegmentCount; s++)
            {
                for (var f = 1; f <= Math.Min(message[s].FieldCount + 1, 30); f++)
                    _ = message[s].Field(f).Text + message[s].Field(f).Component(2).Subcomponent(2).Text;
            }
            _ = (MessageHeader.Read(message), PatientIdentifier.ReadAll(message), PersonName.Read(message.Get("PID-5")),
                CodedValue.Read(message.Get("OBX-3")), Hl7Timestamp.TryRead(message.Get("OBR-7"), out _));
        }
        return true;
    }

    private static void Change(Er7Message message)
    {
        try
        {
            _ = Er7Continuation.Join(message);
        }
        catch (Er7Exception e)
        {
            Assert.True(e.Error.Fault is Er7Fault.ContinuationInvalid or Er7Fault.SegmentInvalid or Er7Fault.SeveralMessages or Er7Fault.DelimitersInvalid, e.Message);
        }
        var pid = message.Segment("PID"u8);
        if (!pid.IsPresent)
        {
            Assert.Equal("PID", Assert.Throws<Er7Exception>(() => message.Require("PID-3")).Error.Segment);
            return;
        }
        try
        {
            var changed = message.WithNull("PID-2");
            Assert.Equal((message.SegmentCount, true), (changed.SegmentCount, changed.Get("PID-2").IsNull));
        }
        catch (ArgumentException e)
        {
            // Only characters of several bytes can make it impossible, and only where such a set is declared somewhere in the header.
            Assert.True(e.ParamName == "raw" && message.Header.FieldCount >= 17, e.Message);
        }
        Assert.Equal(message.SegmentCount - (pid.Index > 0 ? 1 : 0), pid.Index > 0 ? message.Without(pid).SegmentCount : message.SegmentCount);
    }

    private static void Acknowledge(Er7Message? received, Er7Error? error)
    {
        var bytes = Acknowledgement.Write(
            received, "AR", "1", DateTimeOffset.UnixEpoch, error is null ? [] : [MessageFault.Of(error)]);
        var answer = Er7Message.Parse(bytes);
        _ = MllpFraming.Wrap(bytes);
        Assert.Equal("AR", answer.Get("MSA-1").Text);
        if (received is not null && received.Delimiters == answer.Delimiters)
            Assert.Equal(Array.FindAll(received.Header.Field(10).Raw.ToArray(), value => value is not (0x0B or 0x1C)), answer.Get("MSA-2").Raw.ToArray());
    }
}
