using Google.Protobuf;
using HealthShare.Chaincode.Shim;
using HealthShare.Chaincode.Shim.Testing;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.UnitTests.Chaincode.Shim;

public sealed class ClientIdentityTests
{
    [Fact]
    public void It_tells_organization_names_and_attributes()
    {
        var identity = ClientIdentity.Parse(TestIdentity.Create("NorthMSP", "gateway", ("role", "node"), ("hf.Type", "client")));
        Assert.Equal(("NorthMSP", "node", "client"), (identity.MspId, identity.Attributes["role"], identity.Attributes["hf.Type"]));
        Assert.Equal("x509::CN=gateway,OU=client,O=NorthMSP::CN=gateway,OU=client,O=NorthMSP", identity.Id);
    }

    [Fact]
    public void Bytes_that_are_no_identity_are_refused()
    {
        Assert.Equal("caller.invalid", Assert.Throws<ContractException>(() => ClientIdentity.Parse(new byte[] { 0x0A, 0xFF })).Code);
        Assert.Equal("caller.invalid", Assert.Throws<ContractException>(() => ClientIdentity.Parse(default)).Code);
    }

    [Fact]
    public void An_identity_without_a_certificate_still_has_an_organization()
    {
        var identity = ClientIdentity.Parse(
            new SerializedIdentity { Mspid = "NorthMSP", IdBytes = ByteString.CopyFromUtf8("no certificate") }.ToByteArray());
        Assert.Equal("NorthMSP", identity.MspId);
        Assert.Equal("caller.invalid", Assert.Throws<ContractException>(() => identity.Id).Code);
    }
}
