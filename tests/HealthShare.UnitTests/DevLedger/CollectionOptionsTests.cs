using HealthShare.DevLedger;

namespace HealthShare.UnitTests.DevLedger;

/// <summary>Files of collections, and what is refused in them.</summary>
public sealed class CollectionOptionsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("collections-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_file_is_read_as_a_peers_command_line_reads_it()
    {
        var collections = CollectionOptions.ReadFile(Write("""
            [
              { "name": "plain", "policy": "OR('AMSP.member')" },
              { "Name": "full", "policy": "OR('AMSP.member','BMSP.peer')", "requiredPeerCount": 1, "maxPeerCount": 2, "blockToLive": 100,
                "memberOnlyRead": true, "memberOnlyWrite": true, "endorsementPolicy": { "signaturePolicy": "AND('AMSP.peer','BMSP.peer')" }, "unknown": 1 }
            ]
            """));
        Assert.Equal(
            [
                new CollectionOptions { Name = "plain", Policy = "OR('AMSP.member')", MaxPeerCount = 1 },
                new CollectionOptions
                {
                    Name = "full", Policy = "OR('AMSP.member','BMSP.peer')", RequiredPeerCount = 1, MaxPeerCount = 2, BlockToLive = 100,
                    MemberOnlyRead = true, MemberOnlyWrite = true, EndorsementPolicy = new() { SignaturePolicy = "AND('AMSP.peer','BMSP.peer')" },
                },
            ], collections);
        Options(collections).Validate();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("""[{"name":"c","policy":null}]""")]
    [InlineData("""[{"name":"c","policy":"OR('AMSP.member')","blockToLive":-1}]""")]
    [InlineData("""[{"name":"c","policy":"OR('AMSP.member')","memberOnlyRead":"yes"}]""")]
    public void What_is_no_such_file_is_named(string content)
    {
        var file = Write(content);
        Assert.Contains(file, Assert.Throws<ArgumentException>(() => CollectionOptions.ReadFile(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains("/no/such/file", Assert.Throws<ArgumentException>(() => CollectionOptions.ReadFile("/no/such/file")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""[{"name":"_c","policy":"OR('AMSP.member')"}]""", "invalid collection name '_c'")]
    [InlineData("[{}]", "invalid collection name ''")]
    [InlineData("""[{"name":"c","policy":"OR('AMSP.member')"},{"name":"c","policy":"OR('AMSP.member')"}]""", "collection-name: c -- found duplicate in collection configuration")]
    [InlineData("""[{"name":"c","policy":"OR('AMSP.member')","requiredPeerCount":2}]""", "maximum peer count (1) cannot be less than the required peer count (2)")]
    [InlineData("""[{"name":"c","policy":"OR('AMSP.member')","requiredPeerCount":-1}]""", "requiredPeerCount (-1) cannot be less than zero")]
    [InlineData("""[{"name":"c","policy":"AND('AMSP.member','BMSP.member')"}]""", "signature policy is not an OR concatenation, NOutOf 2")]
    [InlineData("""[{"name":"c","policy":"OR('AMSP.member',AND('AMSP.peer','BMSP.peer'))"}]""", "signature policy is not an OR concatenation, NOutOf 2")]
    [InlineData("""[{"name":"c","policy":"OR('CMSP.member')"}]""", "collection member 'CMSP' is not part of the channel")]
    [InlineData("""[{"name":"c","policy":"garbage("}]""", "invalid policy garbage(")]
    [InlineData("""[{"name":"c","policy":"OR('AMSP.member')","endorsementPolicy":{"signaturePolicy":"("}}]""", "invalid signature policy: (")]
    [InlineData("""[{"name":"c","policy":"OR('AMSP.member')","endorsementPolicy":{"signaturePolicy":"OR('AMSP.peer')","channelConfigPolicy":"/x"}}]""", "cannot specify both")]
    public void What_a_peer_refuses_is_refused_in_its_words(string content, string reason) => Assert.Contains(reason,
        Assert.Throws<ArgumentException>(() => Options(CollectionOptions.ReadFile(Write(content))).Validate()).Message, StringComparison.Ordinal);

    private string Write(string content)
    {
        var file = Path.Combine(folder.FullName, "collections.json");
        File.WriteAllText(file, content);
        return file;
    }

    private DevLedgerOptions Options(IReadOnlyList<CollectionOptions> collections) => new()
    {
        StateDirectory = folder.FullName,
        Channel = "trial",
        Organizations = [new() { MspId = "AMSP", Domain = "a.example" }, new() { MspId = "BMSP", Domain = "b.example" }],
        Chaincodes = [new() { Name = "asset", Service = new ChaincodeService(new Uri("http://127.0.0.1:1")), Collections = collections }],
    };
}
