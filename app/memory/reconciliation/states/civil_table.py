"""The lines of civil states: of each state the frames that tell it (`holds`) or its beginning (`begins`)."""

CIVIL_STATES = """
relationship = single
    holds be! .. single|unattached|unpartnered
    holds be! on .. own again
    holds live! alone again
    begins become!! single
    begins break!! up
    begins broke|broken|split|splitting up
    begins end!! .. relationship
relationship = dating
    holds be! .. dating
    holds be! .. seeing someone|somebody
    holds be! .. going out|steady with
    holds in a .. relationship
    holds be! .. a couple|item
    holds be! .. together with
    holds be! together
    holds have! .. girlfriend|boyfriend|partner
    holds boyfriend|girlfriend|partner be!
    holds date|dates
    begins get!! together with
    begins got|gotten together
    begins started dating|seeing|going
    begins become!! a couple
    begins moved in together
    begins have! .. new girlfriend|boyfriend|partner
    begins found|met .. girlfriend|boyfriend|partner
    begins fell in love with
    begins be! seeing
relationship = engaged
    holds have! .. fiancé|fiancée|fiance|fiancee
    holds be! .. engaged to?
    holds fiancé|fiancée|fiance|fiancee be!
    begins get!! engaged
    begins become!! engaged
    begins said yes to
relationship = married
    holds be! .. married
    holds husband|wife|spouse be!
    holds be! .. newlyweds
    holds have! .. husband|wife
    holds be! husband|wife and
    begins get!! .. married
    begins got|gotten|getting married
    begins tie!! the knot
    begins get!! hitched
    begins marry!!
    begins wed|wedded
    begins remarry!!
    begins eloped
relationship = separated
    holds be! .. separated
    holds live! apart
    begins have! separated
    begins separated
    begins split up with .. husband|wife
    begins moved out on .. husband|wife
relationship = divorced
    holds be! .. divorced
    holds divorcee be!
    begins get!! .. divorced
    begins divorced
    begins divorce .. be! .. final|through
    begins divorce .. came|went|gone through
relationship = widowed
    holds be! .. widowed
    holds be! .. widow|widower
    begins become!! a? widow|widower|widowed
    begins widowed
employment = unemployed
    holds be! .. unemployed|jobless
    holds out of work|a
    holds between jobs
    holds job hunting|seeking
    holds be! .. job-hunting|job-seeking
    holds looking for .. job|work|employment
    holds be! on the dole
    holds have! no job|work
    holds without a? job|work
    begins become!! unemployed|redundant
employment = employed
    holds work! ~ at|for
    holds work! as
    holds be! employed
    holds have! a .. job
    begins be!|get!!|was|were ~ hired
    begins start!!|begin!! .. job|work|position|role|post
    begins get!!|land!!|find!!|accept!!|take!! .. job|position|role|post|work
    begins got|found|landed .. job|position|role|post|work
    begins first day|week at
    begins back at|in work
    begins taken on .. by|at
    begins hire!!|recruit!! H
    begins joined as
employment = self-employed
    holds be! .. self-employed|freelance|freelancing|freelancer
    holds freelance|freelances
    holds be! .. own boss
    begins go!! freelance|self-employed
    begins set!! up .. own
    begins started .. own business|company
    begins went|gone|turned freelance|self-employed
employment = retired
    holds be! .. retired
    holds be! .. retiree|pensioner
    holds in retirement
    begins retire!!
    begins go!! into retirement
    begins took|taken early? retirement
pregnancy = pregnant
    holds be! .. pregnant|expecting
    holds expect|expects|expecting a|her|his|their|our|twins
    holds have! a .. on the way
    holds baby be! due
    holds weeks|months pregnant
    begins fell|falls|got pregnant
    begins become!! pregnant
pregnancy = born
    begins gave|given|giving birth to?
    begins have! .. baby .. on|at|yesterday|today
    begins had .. baby|twins|boy|girl
    begins become!! a? mother|father|mum|dad|mom|parents
    begins baby .. arrived|born|here
    begins born .. healthy
    begins deliver!! .. baby|boy|girl|twins
tenure = renting
    holds rent|rents|renting
    holds live! .. rented
    holds be! .. tenant|tenants
    holds pay! .. rent
    begins started|began renting
    begins moved into a rented
tenure = owning
    holds own! .. <dwelling>
    holds be! .. homeowner|homeowners
    begins buy!! .. <dwelling>
    begins become!! .. homeowner|homeowners
    begins purchase!! .. <dwelling>
    begins close!!|closed on .. <dwelling>
    begins keys to .. own <dwelling>
    begins got .. mortgage
driving = learner
    holds learn|learns|learning to drive
    holds take|takes|taking driving lessons
    holds be! .. learner driver
    holds have! no .. licence|license
    holds cannot drive
    holds have! a provisional
    begins started|began driving lessons
driving = licensed
    begins pass!! .. driving test
    begins pass!! .. test
    begins got|gets .. driving|driver's licence|license
    begins got .. licence|license
    begins have! .. driving licence|license now
hours = full-time
    holds work! .. full-time
    holds work! full time
    holds be! .. full-time
    holds in full-time
    begins go!! full-time
    begins went|gone|switched|moved|changed .. to? full-time
    begins started full-time
hours = part-time
    holds work! .. part-time
    holds work! part time
    holds be! .. part-time
    begins go!! part-time
    begins went|gone|switched|moved|changed|reduced|dropped|cut .. to? part-time
work_place = remote
    holds work! .. remotely
    holds work! .. from home
    holds be! .. remote
    holds wfh
    begins go!! remote
    begins went|gone|switched .. to? remote
    begins work! from home now
work_place = hybrid
    holds work! .. hybrid
    holds be! .. hybrid
    begins go!! hybrid
    begins went|gone|switched .. to? hybrid
work_place = on site
    holds work! .. on-site|onsite
    holds work! .. in|at|from the office
    holds be! in the office every|five|full-time
    holds commute|commutes .. to the office
    begins back in the office
    begins back to the office
    begins called back to the office
diet = vegan
    holds be! .. vegan
    holds eat! vegan
    begins go!! vegan
    begins went|gone|turned vegan
    begins become!! a? vegan
diet = vegetarian
    holds be! .. vegetarian
    holds eat! .. vegetarian
    begins go!! vegetarian|veggie
    begins went|gone|turned vegetarian|veggie
    begins become!! a? vegetarian
    begins gave|given up meat
    begins quit meat
diet = pescatarian
    holds be! .. pescatarian|pescetarian
    begins go!! pescatarian
    begins went|gone|turned pescatarian
    begins become!! a? pescatarian
diet = meat
    holds eat! meat|fish|everything
    begins eat!!|ate .. meat again
    begins started eating meat|fish
    begins back to .. meat
    begins back on meat
    begins eat! everything again
diet = keto
    holds do! keto
    holds be! .. on .. keto
    holds follow! .. keto
    holds eat! keto
    begins started keto
    begins went|gone keto
    begins go!! keto
diet = carbs
    begins eat!!|ate .. carbs|bread|pasta again
    begins back on|to .. carbs
studies = student
    holds be! .. student
    holds be! .. undergraduate|undergrad|fresher
    holds study|studies|studying
    holds be! at university|college|uni
    holds be! in .. final|first|second|third year
    begins enrolled|enroled at|in
    begins started university|college|uni
studies = graduate
    holds be! .. graduate|alumnus|alumna
    holds have! a .. degree in
    begins graduate!!
    begins graduated .. from|in
    begins finish!! .. degree|studies|university|college|uni
    begins finished .. degree|studies
training = trainee
    holds be! .. trainee|apprentice|intern
    holds do! .. apprenticeship|traineeship|internship
    holds train|trains|training as|to
    holds in training
    begins started .. apprenticeship|traineeship|internship
training = qualified
    holds be! .. qualified|certified|licensed
    begins qualify!!
    begins qualified as
    begins finish!!|complete!! .. apprenticeship|traineeship|training|internship
    begins pass!! .. apprenticeship|finals|boards|bar
    begins kept on as
smoking = smoker
    holds be! .. smoker
    holds smoke|smokes
    begins started smoking
smoking = non-smoker
    holds be! .. non-smoker|nonsmoker|smoke-free
    begins become!! .. non-smoker
    begins without .. cigarette|cigarettes|smoking|nicotine
    begins smoke-free
drinking = drinker
    holds drink! .. wine|beer|alcohol|whisky|gin|cider|vodka
drinking = sober
    holds be! .. teetotal
    begins be! .. sober
    begins without .. drink|alcohol|wine|beer
    begins alcohol-free
smoking = vaper
    holds vape|vapes
    begins switch!!|change!! .. to vaping
parenthood = childless
    holds be! .. childless
    holds have! no children|kids
    holds without children|kids
parenthood = parent
    begins become!! .. father|mother|dad|mum|mom|parent|parents
    begins have! <a> baby|son|daughter now
living = alone
    holds live! .. alone
    holds live! on .. own
    holds live! by .. self|himself|herself
    begins have! .. own <dwelling>
    begins have! <a> <dwelling> to .. self|himself|herself
    begins move!! into .. own <dwelling>
    begins get!!|find!!|rent!! .. own <dwelling>
living = with others
    holds live! ~ with
    holds share|shares|sharing .. <dwelling> with
    begins move!! in with H
    begins H move!! in with
religion = catholic
    holds be! .. catholic
    begins convert!! to catholicism
religion = protestant
    holds be! .. protestant|lutheran|methodist|baptist|anglican
    begins convert!! to protestantism
religion = muslim
    holds be! .. muslim
    begins convert!! to islam
religion = jewish
    holds be! .. jewish
    begins convert!! to judaism
religion = buddhist
    holds be! .. buddhist
    begins convert!!|turn!! to buddhism
religion = hindu
    holds be! .. hindu
religion = orthodox
    holds be! .. orthodox
religion = none
    holds be! .. atheist|agnostic
    begins leave!! the church
    begins become!! .. atheist|agnostic
"""
