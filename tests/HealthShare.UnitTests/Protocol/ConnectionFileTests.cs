using HealthShare.Fabric.Protocol.Connection;

namespace HealthShare.UnitTests.Protocol;

public sealed class ConnectionFileTests : IDisposable
{
    private const string Good = """
        {
          "channel": "health",
          "orderers": [],
          "organizations": [
            {"mspId": "Org1MSP", "domain": "org1.example",
             "peers": [{"name": "peer0.org1.example", "endpoint": "127.0.0.1:7051", "tlsServerName": "peer0.org1.example", "tlsCaCert": "tls/ca.pem"}],
             "caCert": "ca.pem", "caKey": "/elsewhere/ca.key", "futureField": {"x": 1},
             "users": [{"name": "User1", "cert": "users/1.pem", "key": "users/1.key"}]}
          ]
        }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("connection-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Relative_paths_are_taken_from_the_file_s_folder()
    {
        var profile = Read(Good);
        var organization = profile.Organization("Org1MSP");
        Assert.Equal("health", profile.Channel);
        Assert.Equal(Path.Combine(folder, "tls", "ca.pem"), organization.Peers[0].TlsCaCert);
        Assert.Equal(Path.Combine(folder, "users", "1.pem"), organization.User("User1").Cert);
        Assert.Equal("/elsewhere/ca.key", organization.CaKey);
        Assert.Equal(new Uri("https://127.0.0.1:7051"), organization.Peers[0].Address);
        Assert.Same(organization, profile.Organization());
    }

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        var profile = Read(Good);
        var copy = Path.Combine(folder, "copy.json");
        ConnectionFile.Write(copy, profile);
        var again = ConnectionFile.Read(copy);
        Assert.Equal(profile.Organizations[0].Peers[0], again.Organizations[0].Peers[0]);
        Assert.Equal(profile.Organizations[0].Users[0], again.Organizations[0].Users[0]);
        Assert.DoesNotContain("address", File.ReadAllText(copy), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("\"channel\": \"health\"", "\"channel\": \"\"", "channel")]
    [InlineData("\"mspId\": \"Org1MSP\", ", "", "organizations[0].mspId")]
    [InlineData("127.0.0.1:7051", "127.0.0.1", "organizations[0].peers[0].endpoint")]
    [InlineData("127.0.0.1:7051", "127.0.0.1:70510", "organizations[0].peers[0].endpoint")]
    [InlineData("127.0.0.1:7051", "host/path:1", "organizations[0].peers[0].endpoint")]
    [InlineData(", \"key\": \"users/1.key\"", "", "organizations[0].users[0].key")]
    [InlineData("\"orderers\": []", "\"orderers\": [null]", "orderers[0]")]
    [InlineData("\"orderers\": []", "\"orderers\": 7", "orderers")]
    [InlineData("\"organizations\"", "\"organisations\"", "organizations")]
    public void A_wrong_field_is_named(string part, string replacement, string field)
    {
        var refusal = Assert.Throws<ConnectionProfileException>(() => Read(Good.Replace(part, replacement, StringComparison.Ordinal)));
        Assert.Equal(field, refusal.Field);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"channel\": ")]
    public void What_is_no_profile_at_all_is_refused(string text) => Assert.Throws<ConnectionProfileException>(() => Read(text));

    [Fact]
    public void Absent_files_members_and_users_are_named()
    {
        Assert.Throws<ConnectionProfileException>(() => ConnectionFile.Read(Path.Combine(folder, "none.json")));
        Assert.Contains("Org9MSP", Assert.Throws<ConnectionProfileException>(() => Read(Good).Organization("Org9MSP")).Message, StringComparison.Ordinal);
        Assert.Contains("User9", Assert.Throws<ConnectionProfileException>(() => Read(Good).Organization().User("User9")).Message, StringComparison.Ordinal);
    }

    private ConnectionProfile Read(string text)
    {
        var file = Path.Combine(folder, "connection.json");
        File.WriteAllText(file, text);
        return ConnectionFile.Read(file);
    }
}
