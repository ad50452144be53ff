using Google.Protobuf;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.UnitTests.Protocol;

public class SharedBytesTests
{
    private const int Mutations = 2_000; // of each message

    [Fact]
    public void Fields_are_parts_of_what_was_read()
    {
        var bytes = Sample().ToByteString();

        var envelope = Envelope.Parser.ParseShared(bytes);

        Assert.True(bytes.Span.Overlaps(envelope.Payload.Span));
        var payload = Payload.Parser.ParseShared(envelope.Payload);
        Assert.True(bytes.Span.Overlaps(payload.Header.SignatureHeader.Span));
        var action = Assert.Single(Transaction.Parser.ParseShared(payload.Data).Actions);
        var endorsed = ChaincodeActionPayload.Parser.ParseShared(action.Payload).Action;
        Assert.All(endorsed.Endorsements, endorsement => Assert.True(bytes.Span.Overlaps(endorsement.Endorser.Span)));
        Assert.True(bytes.Span.Overlaps(ProposalResponsePayload.Parser.ParseShared(endorsed.ProposalResponsePayload).Extension.Span));
    }

    // Cut off, bits turned, fields twice, unknown and of other wire types: whatever it is, both find the same in it.
    [Fact]
    public void Whatever_the_bytes_both_readers_find_the_same()
    {
        var random = new Random(20260101);
        var envelope = Sample();
        var payload = Payload.Parser.ParseFrom(envelope.Payload);
        var action = Transaction.Parser.ParseFrom(payload.Data).Actions[0];
        var inner = ChaincodeActionPayload.Parser.ParseFrom(action.Payload);
        Same(Envelope.Parser, envelope, random);
        Same(Payload.Parser, payload, random);
        Same(Header.Parser, payload.Header, random);
        Same(SignatureHeader.Parser, SignatureHeader.Parser.ParseFrom(payload.Header.SignatureHeader), random);
        Same(Transaction.Parser, Transaction.Parser.ParseFrom(payload.Data), random);
        Same(TransactionAction.Parser, action, random);
        Same(ChaincodeActionPayload.Parser, inner, random);
        Same(ChaincodeProposalPayload.Parser, new ChaincodeProposalPayload { Input = Some(40) }, random);
        Same(ChaincodeProposalPayload.Parser, new ChaincodeProposalPayload { Input = Some(40), TransientMap = { ["a"] = Some(4) } }, random);
        Same(ChaincodeEndorsedAction.Parser, inner.Action, random);
        Same(Endorsement.Parser, inner.Action.Endorsements[0], random);
        Same(ProposalResponsePayload.Parser, ProposalResponsePayload.Parser.ParseFrom(inner.Action.ProposalResponsePayload), random);
        Same(Proposal.Parser, new Proposal { Header = payload.Header.ToByteString(), Payload = Some(40) }, random);
    }

    [Fact]
    public void Other_messages_are_read_as_ever() =>
        Assert.Equal("name", ChaincodeID.Parser.ParseShared(new ChaincodeID { Name = "name" }.ToByteString()).Name);

    private static void Same<T>(MessageParser<T> parser, T sample, Random random) where T : class, IMessage<T>
    {
        var plain = sample.ToByteArray();
        Assert.Equal(sample, parser.ParseShared(ByteString.CopyFrom(plain)));
        for (var i = 0; i < Mutations; i++)
        {
            var bytes = ByteString.CopyFrom(Mutated(plain, random));
            var expected = Try(() => parser.ParseFrom(bytes.Span));
            var found = Try(() => parser.ParseShared(bytes));
            Assert.Equal(expected, found);
        }
    }

    private static T? Try<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static byte[] Mutated(byte[] plain, Random random) => random.Next(5) switch
    {
        0 => plain[..random.Next(plain.Length)],
        1 => [.. plain, .. plain[..random.Next(plain.Length + 1)]],
        2 => [.. plain, (byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(4), 1, 2, 3],
        3 => [(byte)random.Next(256), .. plain],
        _ => Turned(plain, random),
    };

    private static byte[] Turned(byte[] plain, Random random)
    {
        byte[] bytes = [.. plain];
        // Tags and lengths stand near the beginning.
        bytes[random.Next(Math.Min(bytes.Length, 12))] ^= (byte)(1 << random.Next(8));
        return bytes;
    }

    private static Envelope Sample() => new()
    {
        Payload = new Payload
        {
            Header = new Header
            {
                ChannelHeader = new ChannelHeader { ChannelId = "health", TxId = new string('a', 64) }.ToByteString(),
                SignatureHeader = new SignatureHeader { Creator = Some(300), Nonce = Some(24) }.ToByteString(),
            },
            Data = new Transaction
            {
                Actions =
                {
                    new TransactionAction
                    {
                        Header = Some(90),
                        Payload = new ChaincodeActionPayload
                        {
                            ChaincodeProposalPayload = Some(500),
                            Action = new ChaincodeEndorsedAction
                            {
                                ProposalResponsePayload = new ProposalResponsePayload { ProposalHash = Some(32), Extension = Some(700) }.ToByteString(),
                                Endorsements =
                                {
                                    new Endorsement { Endorser = Some(800), Signature = Some(71) },
                                    new Endorsement { Endorser = Some(801), Signature = Some(70) },
                                },
                            },
                        }.ToByteString(),
                    },
                },
            }.ToByteString(),
        }.ToByteString(),
        Signature = Some(72),
    };

    private static ByteString Some(int length) => ByteString.CopyFrom([.. Enumerable.Range(length, length).Select(i => (byte)i)]);
}
