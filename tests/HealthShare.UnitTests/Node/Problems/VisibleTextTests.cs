using HealthShare.Node.Problems;

namespace HealthShare.UnitTests.Node.Problems;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("Zoë O’Brien-Müller")]
    [InlineData("علی\u200cرضا")] // not to be written without the non-joiner
    [InlineData("李雷")]
    [InlineData("Σοφία 2")]
    public void Names_of_all_languages_are_names(string name) => Assert.True(VisibleText.IsName(name));

    [Theory]
    [InlineData("Zoë \u202e<b>")] // turns the direction of what follows
    [InlineData("Zoë\u200b")]
    [InlineData("Zoë\ufeff")]
    [InlineData("Zoë\u00ad")]
    [InlineData("Zoë\u2028")]
    [InlineData("Zoë\t")]
    [InlineData("Zoë\U000e0041")] // a tag character, outside the first plane
    [InlineData("\u3164")]
    public void What_hides_something_is_no_plain_text(string text) => Assert.False(VisibleText.IsPlain(text));

    [Theory]
    [InlineData("")]
    [InlineData("\u200d")]
    [InlineData("12-3")]
    public void A_name_has_a_letter(string text) => Assert.False(VisibleText.IsName(text));
}
