using System.Reflection;
using System.Runtime.CompilerServices;

namespace HealthShare.UnitTests.PublicApi;

/// <summary>
/// What the packages offer stands in a listing each, so that no change to it goes unseen. To accept a change, run these tests
/// with HEALTHSHARE_ACCEPT_API=1 and commit the listing.
/// </summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("HealthShare.Fabric.Protocol")]
    [InlineData("HealthShare.Fabric.Client")]
    [InlineData("HealthShare.Chaincode.Shim")]
    [InlineData("HealthShare.DevLedger")]
    public void A_package_offers_what_its_listing_says(string name)
    {
        var file = Path.Combine(FolderOfThisFile(), $"{name}.txt");
        var actual = ApiListing.Of(Assembly.Load(name));
        if (Environment.GetEnvironmentVariable("HEALTHSHARE_ACCEPT_API") == "1")
            File.WriteAllText(file, actual);
        var listed = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        var (added, removed) = (Lines(actual).Except(Lines(listed)).ToList(), Lines(listed).Except(Lines(actual)).ToList());
        Assert.True(added.Count == 0 && removed.Count == 0 && actual == listed,
            $"The public API of {name} has changed. Accept it with HEALTHSHARE_ACCEPT_API=1 if that is meant.\n"
            + string.Join('\n', removed.Take(40).Select(line => $"- {line.Trim()}").Concat(added.Take(40).Select(line => $"+ {line.Trim()}"))));
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string FolderOfThisFile([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
