using System.Text;
using HealthShare.Hl7;

namespace HealthShare.UnitTests.Hl7;

public sealed class Er7PayloadsTests
{
    [Fact]
    public void Every_value_of_type_ED_is_found_with_its_place_and_nothing_else()
    {
        var message = Er7Message.Parse(Encoding.ASCII.GetBytes(
            "MSH|^~\\&|LAB\rOBX|1|NM|A||182\rOBX|2|ED|B||APP^application^pdf^Base64^QUJD~^image^png^Hex^4142~^TEXT^html^A^\rNTE|1|ED|||^a^b^c^d\r"
            + "OBX|3|ST|C||^a^b^c^d\rOBX|4|ED|D\rOBX|5|ED|E||one&two^^^^x&y\r"));
        var found = Er7Payloads.Find(message).ToList();
        Assert.Equal(["OBX[2]-5(1) application/pdf Base64 QUJD", "OBX[2]-5(2) image/png Hex 4142", "OBX[5]-5(1) /  x&y"],
            found.Select(payload => $"{payload.Path} {payload.Type.Text}/{payload.Subtype.Text} {payload.Encoding.Text} {Encoding.ASCII.GetString(payload.Data.Raw)}"));
        Assert.All(found, payload => Assert.Equal(payload.Data.RawText, message.Get(payload.Path with { Component = 5 }).RawText));
    }

    [Fact]
    public void A_message_without_component_separators_has_none() =>
        Assert.Empty(Er7Payloads.Find(Er7Message.Parse("MSH||LAB\rOBX|1|ED|||QUJD\r"u8.ToArray())));
}
