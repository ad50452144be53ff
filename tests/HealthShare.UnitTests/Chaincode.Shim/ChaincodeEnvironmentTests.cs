using HealthShare.Chaincode.Shim.Server;

namespace HealthShare.UnitTests.Chaincode.Shim;

public sealed class ChaincodeEnvironmentTests
{
    [Fact]
    public void Address_and_package_id_come_from_Fabrics_names()
    {
        var options = Read(("CHAINCODE_SERVER_ADDRESS", "0.0.0.0:9999"), ("CHAINCODE_ID", "other:1"), ("CORE_CHAINCODE_ID_NAME", "asset:1"));
        Assert.Equal(("0.0.0.0:9999", "asset:1"), (options.Address, options.PackageId));
        Assert.Null(options.Tls);
        Assert.Equal("other:1", Read(("CHAINCODE_SERVER_ADDRESS", ":1"), ("CHAINCODE_ID", "other:1"), ("CORE_CHAINCODE_ID_NAME", "")).PackageId);
    }

    [Theory]
    [InlineData("CHAINCODE_SERVER_ADDRESS", "CHAINCODE_ID=asset:1")]
    [InlineData("CORE_CHAINCODE_ID_NAME", "CHAINCODE_SERVER_ADDRESS=:1")]
    [InlineData("CHAINCODE_TLS_DISABLED", "CHAINCODE_SERVER_ADDRESS=:1", "CHAINCODE_ID=asset:1", "CHAINCODE_TLS_DISABLED=maybe")]
    [InlineData("CHAINCODE_TLS_CERT", "CHAINCODE_SERVER_ADDRESS=:1", "CHAINCODE_ID=asset:1", "CHAINCODE_TLS_DISABLED=false")]
    [InlineData("key file", "CHAINCODE_SERVER_ADDRESS=:1", "CHAINCODE_ID=asset:1", "CHAINCODE_TLS_CERT=absent.pem")]
    [InlineData("absent.pem", "CHAINCODE_SERVER_ADDRESS=:1", "CHAINCODE_ID=asset:1", "CHAINCODE_TLS_CERT=absent.pem", "CHAINCODE_TLS_KEY=absent.key")]
    [InlineData("digest 'abc'", "CHAINCODE_SERVER_ADDRESS=:1", "CHAINCODE_ID=asset:1", "CHAINCODE_BUILD_DIGEST=abc")]
    public void What_is_missing_or_wrong_is_named(string named, params string[] variables) => Assert.Contains(named,
        Assert.Throws<ArgumentException>(() => Read([.. variables.Select(variable => variable.Split('=')).Select(pair => (pair[0], pair[1]))])).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Disabling_tls_leaves_the_files_unread() => Assert.Null(Read(("CHAINCODE_SERVER_ADDRESS", ":1"), ("CHAINCODE_ID", "asset:1"),
        ("CHAINCODE_TLS_DISABLED", "true"), ("CHAINCODE_TLS_CERT", "absent.pem")).Tls);

    private static ChaincodeServerOptions Read(params (string Name, string Value)[] variables) =>
        ChaincodeEnvironment.Read(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
