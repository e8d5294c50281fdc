"""Dialogues on one topic each, written for `segments.py`: every line is one turn, Ann's and Bo's in turn."""

TOPICS = {
    "garden": """
The tomatoes on the balcony finally have flowers.
Nice! Are those the ones you grew from seed in March?
Yes, six plants, and only one of them died in the frost.
What do you feed them with?
Some nettle brew that my aunt makes. It smells awful but it works.
My basil always gets eaten by snails before I can pick any.
Put copper tape round the pot, they won't cross it.
I'll try that. Do you water in the morning or in the evening?
In the morning, so that the leaves dry before night and don't get mould.
Then I know why my courgettes turned white last year.
""",
    "flat": """
The landlord wrote that the rent goes up by eight percent in October.
Eight? Is he allowed to do that after only one year?
The lease says it follows the index, so probably he is.
You could ask the tenants' union to look at the contract.
I have an appointment there on Tuesday.
And if it's legal, would you move out?
Maybe. There is a two-room flat near the station for nine hundred.
Does it have a lift? You have all those bookshelves.
Third floor without one, but there's a cellar and a washing room.
I can lend you my van if you sign for it.
""",
    "surgery": """
I got the date for my knee operation, it's the fourth of May.
Is it the meniscus again?
Yes, the left one. They'll go in with a camera and trim what is torn.
Do they put you under completely?
Only from the waist down. The doctor said that I can watch the screen.
I'd rather sleep, thank you. How long will you be on crutches?
About two weeks, then physiotherapy three times a week.
Who looks after you when you come home from the hospital?
My sister takes three days off, and after that I should manage.
I'll bring you soup, and the good painkillers if they let me.
""",
    "coding": """
The nightly build is red again, the import job runs out of memory.
Since the upgrade of the database driver?
Since then, yes. It seems to keep every row of the cursor in a list.
Can't you read it in chunks with a server-side cursor?
That is what the old version did by itself, now you have to ask for it.
I had the same bug in the billing service, it was one keyword argument.
Could you send me the commit? I'd like to see the test too.
It's in the branch called stream-rows, look at the last two commits.
Found it. I'll open a pull request and ask you to review it.
Fine, but please add a limit to the query while you are in there.
""",
    "trip": """
We booked the night train to Vienna for the long weekend.
With beds or only with seats?
A compartment with three beds, so Clara can sleep at the top.
What are you going to see there?
The natural history museum, because of the dinosaurs, and the giant wheel.
Go to the Naschmarkt on Saturday, there are flea market stalls all along.
Is the hotel in the seventh district a good place to stay?
Very, you can walk to the palace, and the trams stop at the door.
And do we need tickets for the opera weeks ahead?
Standing places are sold an hour before the curtain, for ten euros.
""",
    "band": """
We need a new drummer, Tom is moving to Leeds with his girlfriend.
Oh no, right before the gig in the brewery?
He plays that one, and then it's over.
Did you put up a note in the music school?
Yes, and online. So far one boy of sixteen and a jazz player have answered.
The jazz player would be good for the slow songs.
But he hates playing loud, and half of our set is punk.
Let them both come to rehearsal and play the same three pieces.
On Thursday then, and you record it on your phone.
I'll bring the good microphone and the small mixer.
""",
    "dog": """
Rex ate a whole packet of butter this morning, with the paper.
Is he all right? Butter can upset a dog's stomach badly.
The vet said to give him rice and to wait, and he sleeps now.
Ours once swallowed a sock and had to have it taken out.
How old was she then? Rex is only eight months.
About a year. At that age they chew on everything that lies around.
Did the obedience class help with that?
A little. What helped was a box with her own toys and long walks.
He pulls so hard on the lead that my shoulder hurts.
Try a harness with the ring on the chest, it turns him round.
""",
    "money": """
I looked at my pension statement and it is frightening.
How much would you get at sixty-seven?
Nine hundred a month, and that is before tax.
Then put two hundred a month into an index fund, starting now.
Is that safe? My father lost a lot on the stock market in 2001.
Over twenty years it's safer than a savings account that pays nothing.
What does the bank take for it?
With mine a fifth of a percent a year, and nothing for buying.
And can I get at it if the car breaks down?
Any day, but keep three salaries in cash so you don't have to.
""",
}
